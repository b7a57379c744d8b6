#!/usr/bin/env python3
"""Measures the store that ranks share: latency of one client, and requests a second of many.

    /path/to/python-with-torch tools/scaling/measure_store.py [--clients 1,8,64,512] [--seconds 3]

The server is PyTorch's TCPStore, the one that rank 0 or torchrun holds, in a process of its own; clients are threads of
--processes other processes, each with its own connection, that ask again as soon as they have their answer. All of it shares
this machine's cores, so the requests a second are what the server does beside its clients: a lower bound. Prints one line of
JSON for each kind of request (set: with a check after it) and number of clients: requests a second, mean and 99th percentile
of latency in microseconds, and processor time of the server for one, which tools/scaling/simulate.py takes as
--store-service-us.
"""

import argparse
import json
import multiprocessing
import os
import resource
import threading
import time
from datetime import timedelta

VALUE = b"x" * 2048  # about what a work unit's results take


def make_store(port, server=False):
    from torch.distributed import TCPStore

    return TCPStore("127.0.0.1", port, None, server, timedelta(seconds=60), wait_for_workers=False)


def serve(ready, end, usage):
    store = make_store(0, server=True)
    ready.put(store.port)
    while (word := end.get()) != "end":
        del word
        used = resource.getrusage(resource.RUSAGE_SELF)
        usage.put(used.ru_utime + used.ru_stime)


def one_client(port, kind, seconds, barrier, latencies):
    store = make_store(port)
    key, number = f"k{os.getpid()}-{threading.get_ident()}", 0
    barrier.wait()
    until = time.perf_counter() + seconds
    while (begin := time.perf_counter()) < until:
        number += 1
        if kind == "add":
            store.add("next", 1)
        elif kind == "set":
            store.set(f"{key}-{number % 64}", VALUE)  # is not answered: only asking again tells that it was done
            store.check(["finished"])
        else:
            store.check(["finished"])
        latencies.append(time.perf_counter() - begin)


def client_process(port, kind, threads, seconds, barrier, results):
    lists = [[] for _ in range(threads)]
    workers = [threading.Thread(target=one_client, args=(port, kind, seconds, barrier, each)) for each in lists]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    results.put([value for each in lists for value in each])


def measure(port, kind, clients, processes, seconds, ask, usage):
    processes = min(processes, clients)
    results = multiprocessing.Queue()
    barrier = multiprocessing.Barrier(clients + 1)  # the clients and this process
    shares = [clients // processes + (number < clients % processes) for number in range(processes)]
    workers = [
        multiprocessing.Process(target=client_process, args=(port, kind, share, seconds, barrier, results))
        for share in shares
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    ask.put("usage")
    before = usage.get()
    latencies = sorted(value for _ in workers for value in results.get())
    for worker in workers:
        worker.join()
    ask.put("usage")
    served = usage.get() - before
    return {
        "request": kind,
        "clients": clients,
        "requests_per_second": round(len(latencies) / seconds),
        "mean_us": round(1e6 * sum(latencies) / len(latencies), 1),
        "p99_us": round(1e6 * latencies[int(0.99 * len(latencies))], 1),
        "server_cpu_us": round(1e6 * served / len(latencies), 2),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", default="1,8,64,512")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3)
    args = parser.parse_args()
    ready, ask, usage = (multiprocessing.Queue() for _ in range(3))
    server = multiprocessing.Process(target=serve, args=(ready, ask, usage))
    server.start()
    port = ready.get()
    for kind in ("add", "set", "check"):
        for clients in map(int, args.clients.split(",")):
            print(json.dumps(measure(port, kind, clients, args.processes, args.seconds, ask, usage)), flush=True)
    ask.put("end")
    server.join()


if __name__ == "__main__":
    main()
