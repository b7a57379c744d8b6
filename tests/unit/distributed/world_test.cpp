#include "distributed/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "support/error_text.h"

namespace bteval::distributed {
namespace {

using bteval::testing::error_text;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Variables = std::map<std::string, std::string>;

std::optional<World> world_from(const Variables& variables) {
  return world_from_environment([&](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

Variables changed(Variables variables, const Variables& changes) {
  for (const auto& [name, value] : changes) variables[name] = value;
  return variables;
}

/// What `env` printed under each launcher, less what does not concern ranks. torchrun of PyTorch 2.13,
/// Slurm 22.05.8, Open MPI 4.1.4 and 5.0.11, MPICH 5.0.2, Intel MPI 2021.19; two processes each, the second
/// one's.
const Variables kTorchrun = {{"GROUP_RANK", "0"},
                             {"GROUP_WORLD_SIZE", "1"},
                             {"LOCAL_RANK", "1"},
                             {"LOCAL_WORLD_SIZE", "2"},
                             {"MASTER_ADDR", "localhost"},
                             {"MASTER_PORT", "39481"},
                             {"OMP_NUM_THREADS", "1"},
                             {"RANK", "1"},
                             {"ROLE_NAME", "default"},
                             {"ROLE_RANK", "1"},
                             {"ROLE_WORLD_SIZE", "2"},
                             {"TORCHELASTIC_MAX_RESTARTS", "0"},
                             {"TORCHELASTIC_RESTART_COUNT", "0"},
                             {"TORCHELASTIC_RUN_ID", "a84b81d2-c7ef-4e66-8152-58f7b834a6df"},
                             {"TORCHELASTIC_USE_AGENT_STORE", "True"},
                             {"WORLD_SIZE", "2"}};
const Variables kSlurmBatch = {
    {"ENVIRONMENT", "BATCH"},     {"SLURMD_NODENAME", "vm"}, {"SLURM_GTIDS", "0"},
    {"SLURM_JOBID", "1"},         {"SLURM_JOB_ID", "1"},     {"SLURM_JOB_NODELIST", "vm"},
    {"SLURM_JOB_NUM_NODES", "1"}, {"SLURM_LOCALID", "0"},    {"SLURM_NNODES", "1"},
    {"SLURM_NODEID", "0"},        {"SLURM_NODELIST", "vm"},  {"SLURM_NPROCS", "2"},
    {"SLURM_NTASKS", "2"},        {"SLURM_PROCID", "0"},     {"SLURM_TASKS_PER_NODE", "2"}};
const Variables kSrun = changed(kSlurmBatch, {{"SLURM_GTIDS", "0,1"},
                                              {"SLURM_LAUNCH_NODE_IPADDR", "127.0.0.1"},
                                              {"SLURM_LOCALID", "1"},
                                              {"SLURM_PROCID", "1"},
                                              {"SLURM_STEPID", "0"},
                                              {"SLURM_STEP_ID", "0"},
                                              {"SLURM_STEP_NODELIST", "vm"},
                                              {"SLURM_STEP_NUM_NODES", "1"},
                                              {"SLURM_STEP_NUM_TASKS", "2"},
                                              {"SLURM_STEP_TASKS_PER_NODE", "2"}});
const Variables kSalloc = {
    {"SLURM_JOBID", "1"},         {"SLURM_JOB_ID", "1"}, {"SLURM_JOB_NODELIST", "vm"},
    {"SLURM_JOB_NUM_NODES", "1"}, {"SLURM_NNODES", "1"}, {"SLURM_NODELIST", "vm"},
    {"SLURM_NPROCS", "2"},        {"SLURM_NTASKS", "2"}, {"SLURM_TASKS_PER_NODE", "2"}};
const Variables kOpenMpi4 = {{"OMPI_APP_CTX_NUM_PROCS", "2"},
                             {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                             {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                             {"OMPI_COMM_WORLD_NODE_RANK", "1"},
                             {"OMPI_COMM_WORLD_RANK", "1"},
                             {"OMPI_COMM_WORLD_SIZE", "2"},
                             {"OMPI_MCA_ess_base_jobid", "1207304193"},
                             {"OMPI_MCA_ess_base_vpid", "1"},
                             {"OMPI_MCA_orte_num_nodes", "1"},
                             {"OMPI_UNIVERSE_SIZE", "2"},
                             {"PMIX_NAMESPACE", "1207304193"},
                             {"PMIX_RANK", "1"}};
const Variables kOpenMpi5 = {{"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                             {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"},
                             {"OMPI_COMM_WORLD_NODE_RANK", "1"},
                             {"OMPI_COMM_WORLD_RANK", "1"},
                             {"OMPI_COMM_WORLD_SIZE", "2"},
                             {"OMPI_MCA_num_procs", "2"},
                             {"OMPI_WORLD_LOCAL_SIZE", "2"},
                             {"OMPI_WORLD_SIZE", "2"},
                             {"PMIX_NAMESPACE", "prterun-vm-12092@1"},
                             {"PMIX_RANK", "1"},
                             {"PRTE_LAUNCHED", "1"}};
const Variables kMpich = {{"MPI_LOCALNRANKS", "2"}, {"MPI_LOCALRANKID", "1"}, {"PMI_FD", "11"},
                          {"PMI_HOSTNAME", "vm"},   {"PMI_RANK", "1"},        {"PMI_SIZE", "2"}};
const Variables kIntelMpi = {{"HYDRA_BSTRAP_LOCALHOST", "vm"},
                             {"I_MPI_HYDRA_UUID", "4d2f0000-b85b-727a-4f61-0600b81e8a59"},
                             {"MPI_LOCALNRANKS", "2"},
                             {"MPI_LOCALRANKID", "1"},
                             {"PMI_FD", "11"},
                             {"PMI_RANK", "1"},
                             {"PMI_SIZE", "2"}};

TEST(World, IsFoundInTheRecordedVariablesOfEveryLauncher) {
  struct Case {
    Variables variables;
    std::string launcher, address, run_id;
  };
  const std::vector<Case> cases = {
      {kTorchrun, "torchrun", "localhost", "a84b81d2-c7ef-4e66-8152-58f7b834a6df.0"},
      {kSrun, "Slurm", "127.0.0.1", "slurm.1.0.0"},
      {kOpenMpi4, "Open MPI", "127.0.0.1", "mpi.1207304193"},
      {kOpenMpi5, "Open MPI", "127.0.0.1", "mpi.prterun-vm-12092@1"},
      {kMpich, "MPI", "127.0.0.1", "mpi.0"},
      {kIntelMpi, "MPI", "127.0.0.1", "mpi.4d2f0000-b85b-727a-4f61-0600b81e8a59"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.run_id);
    const auto world = world_from(c.variables);
    ASSERT_TRUE(world);
    EXPECT_EQ(world->launcher, c.launcher);
    EXPECT_EQ(world->rank, 1);
    EXPECT_EQ(world->size, 2);
    EXPECT_EQ(world->local_rank, 1);
    EXPECT_EQ(world->local_size, 2);
    EXPECT_EQ(world->address, c.address);
    EXPECT_EQ(world->run_id, c.run_id);
    EXPECT_EQ(world->store_elsewhere, c.launcher == "torchrun");
    if (c.launcher == "torchrun") {
      EXPECT_EQ(world->port, 39481);
    } else {
      EXPECT_GE(world->port, 15000);
      EXPECT_LT(world->port, 30000);
    }
  }
}

TEST(World, LoneProcessesHaveNone) {
  EXPECT_FALSE(world_from({}));
  EXPECT_FALSE(world_from({{"RANK", ""}, {"OMPI_COMM_WORLD_RANK", ""}})) << "empty is as good as not set";
  EXPECT_FALSE(world_from(kSlurmBatch)) << "the script of a job of two tasks must not wait for a second one";
  EXPECT_FALSE(world_from(kSalloc));
  EXPECT_FALSE(
      world_from(changed(kSlurmBatch, {{"SLURM_STEP_ID", "4294967291"}, {"SLURM_STEP_NUM_TASKS", "2"}})))
      << "Slurm's number of the batch step";
  EXPECT_FALSE(world_from({{"PMI_RANK", "0"}, {"PMI_SIZE", "2"}}))
      << "no Hydra, and no word on where the others are";
  EXPECT_FALSE(world_from({{"WORLD_SIZE", "1"}}));
}

TEST(World, InnerLaunchersWinOverOuterOnes) {
  const auto in_srun = world_from(changed(kSrun, kTorchrun));
  ASSERT_TRUE(in_srun);
  EXPECT_EQ(in_srun->launcher, "torchrun");
  // mpirun starts its daemons with srun, one a node, and they the ranks.
  const auto mpi_in_slurm = world_from(changed(kSrun, kOpenMpi4));
  ASSERT_TRUE(mpi_in_slurm);
  EXPECT_EQ(mpi_in_slurm->launcher, "Open MPI");
  const auto hydra_in_slurm = world_from(changed(kSrun, kMpich));
  ASSERT_TRUE(hydra_in_slurm);
  EXPECT_EQ(hydra_in_slurm->run_id, "mpi.1");
  // srun --mpi=pmi2 sets PMI_RANK, too, and Slurm knows more.
  const auto pmi2 = world_from(changed(kSrun, {{"PMI_RANK", "1"}, {"PMI_SIZE", "2"}}));
  ASSERT_TRUE(pmi2);
  EXPECT_EQ(pmi2->launcher, "Slurm");
}

const Variables kThreeNodes = changed(kSrun, {{"SLURM_STEP_NODELIST", "gpu[07-08,12].site"},
                                              {"SLURM_STEP_NUM_TASKS", "9"},
                                              {"SLURM_STEP_TASKS_PER_NODE", "4(x2),1"},
                                              {"SLURM_NODEID", "1"},
                                              {"SLURM_PROCID", "6"},
                                              {"SLURM_LOCALID", "2"}});

TEST(World, SeveralMachinesMeetAtTheFirstHost) {
  const auto world = world_from(kThreeNodes);
  ASSERT_TRUE(world);
  EXPECT_EQ(world->address, "gpu07.site");
  EXPECT_EQ(world->rank, 6);
  EXPECT_EQ(world->size, 9);
  EXPECT_EQ(world->local_rank, 2);
  EXPECT_EQ(world->local_size, 4);

  const Variables far = {{"OMPI_COMM_WORLD_SIZE", "4"}, {"OMPI_COMM_WORLD_RANK", "3"}};
  EXPECT_THAT(error_text([&] { world_from(changed(kOpenMpi4, far)); }), HasSubstr("set MASTER_ADDR"));
  EXPECT_EQ(world_from(changed(changed(kOpenMpi4, far), kSalloc))->address, "vm");
  EXPECT_EQ(world_from(changed(changed(kOpenMpi4, far), {{"MASTER_ADDR", "10.0.0.1"}}))->address, "10.0.0.1");
}

TEST(World, MasterVariablesAlwaysWin) {
  for (const Variables* recorded : {&kSrun, &kThreeNodes, &kOpenMpi4, &kOpenMpi5, &kMpich, &kTorchrun}) {
    const auto world = world_from(changed(*recorded, {{"MASTER_ADDR", "10.1.2.3"}, {"MASTER_PORT", "4242"}}));
    ASSERT_TRUE(world);
    EXPECT_EQ(world->address, "10.1.2.3");
    EXPECT_EQ(world->port, 4242);
  }
}

TEST(World, PortAndNameFollowFromJobStepAndRestart) {
  const World one = *world_from(kSrun),
              again = *world_from(changed(kSrun, {{"SLURM_PROCID", "0"}, {"SLURM_LOCALID", "0"}}));
  EXPECT_EQ(one.port, again.port);
  for (const char* name : {"SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT"}) {
    const World other = *world_from(changed(kSrun, {{name, "7"}}));
    EXPECT_NE(other.run_id, one.run_id) << name;
    EXPECT_NE(other.port, one.port) << name;
  }
  EXPECT_NE(world_from(changed(kTorchrun, {{"TORCHELASTIC_RESTART_COUNT", "1"}}))->run_id,
            world_from(kTorchrun)->run_id);
}

TEST(World, RanksSetByHandOnLoopbackAreAllOnThisMachine) {
  const Variables by_hand = {
      {"RANK", "2"}, {"WORLD_SIZE", "3"}, {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "5000"}};
  const auto here = world_from(by_hand);
  ASSERT_TRUE(here);
  EXPECT_EQ(here->local_rank, 2);
  EXPECT_EQ(here->local_size, 3);
  EXPECT_FALSE(here->store_elsewhere);
  const auto elsewhere = world_from(changed(by_hand, {{"MASTER_ADDR", "10.0.0.1"}}));
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->local_size, 1);
}

TEST(World, OneProcessNeedsNoMeetingPlace) {
  const auto world = world_from({{"RANK", "0"}, {"WORLD_SIZE", "1"}});
  ASSERT_TRUE(world);
  EXPECT_EQ(world->size, 1);
  EXPECT_EQ(world->address, "");
  EXPECT_EQ(world->port, 0);
  EXPECT_FALSE(world->store_elsewhere);
}

TEST(World, NonsenseIsRefusedByTheNameOfItsVariable) {
  struct Case {
    Variables variables;
    std::string message;
  };
  const std::vector<Case> cases = {
      {changed(kTorchrun, {{"RANK", "2"}}), "RANK=2 is not below WORLD_SIZE=2"},
      {changed(kTorchrun, {{"RANK", "one"}}), "RANK=one is not a number"},
      {changed(kTorchrun, {{"RANK", "1 "}}), "RANK=1  is not a number"},
      {changed(kTorchrun, {{"RANK", "-1"}}), "RANK=-1 is not between 0"},
      {changed(kTorchrun, {{"WORLD_SIZE", "0"}}), "WORLD_SIZE=0 is not between 1"},
      {changed(kTorchrun, {{"WORLD_SIZE", "99999999999"}}), "WORLD_SIZE=99999999999 is not a number"},
      {changed(kTorchrun, {{"LOCAL_RANK", "2"}}), "LOCAL_RANK=2 is not below LOCAL_WORLD_SIZE=2"},
      {changed(kTorchrun, {{"LOCAL_WORLD_SIZE", "3"}}), "LOCAL_WORLD_SIZE=3 is more than all 2 processes"},
      {changed(kTorchrun, {{"LOCAL_WORLD_SIZE", ""}}), "LOCAL_RANK is set, but LOCAL_WORLD_SIZE is not"},
      {changed(kTorchrun, {{"MASTER_ADDR", ""}}), "WORLD_SIZE is set, but MASTER_ADDR is not"},
      {changed(kTorchrun, {{"MASTER_PORT", ""}}), "WORLD_SIZE is set, but MASTER_PORT is not"},
      {changed(kTorchrun, {{"MASTER_PORT", "65536"}}), "MASTER_PORT=65536 is not between 1 and 65535"},
      {{{"RANK", "0"}}, "RANK is set, but WORLD_SIZE is not"},
      {{{"WORLD_SIZE", "2"}}, "WORLD_SIZE is set, but RANK is not"},
      {changed(kSrun, {{"WORLD_SIZE", "8"}}), "WORLD_SIZE=8 contradicts Slurm, which started 2 processes"},
      {changed(kSrun, {{"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "vm"}, {"MASTER_PORT", "5000"}}),
       "RANK=0 contradicts SLURM_PROCID=1"},
      {changed(kSrun, {{"SLURM_PROCID", "2"}}), "SLURM_PROCID=2 is not below SLURM_STEP_NUM_TASKS=2"},
      {changed(kSrun, {{"SLURM_LOCALID", "2"}}), "SLURM_LOCALID=2"},
      {changed(kSrun, {{"SLURM_STEP_TASKS_PER_NODE", "2(y"}, {"SLURM_NODEID", "1"}}),
       "SLURM_STEP_TASKS_PER_NODE=2(y"},
      {changed(kThreeNodes, {{"SLURM_STEP_NODELIST", "gpu[7-"}}),
       "SLURM_STEP_NODELIST=gpu[7- is not a list of hosts"},
      {changed(kOpenMpi4, {{"OMPI_COMM_WORLD_RANK", "2"}}),
       "OMPI_COMM_WORLD_RANK=2 is not below OMPI_COMM_WORLD_SIZE=2"},
      {changed(kOpenMpi4, {{"OMPI_COMM_WORLD_SIZE", ""}}),
       "OMPI_COMM_WORLD_RANK is set, but OMPI_COMM_WORLD_SIZE is not"},
      {changed(kOpenMpi5, {{"OMPI_COMM_WORLD_LOCAL_SIZE", "x\n"}}),
       "OMPI_COMM_WORLD_LOCAL_SIZE=x\\x0a is not a number"},
      {changed(kMpich, {{"PMI_SIZE", ""}}), "PMI_RANK is set, but PMI_SIZE is not"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.message);
    try {
      world_from(c.variables);
      ADD_FAILURE() << "not refused";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUsage);
      EXPECT_THAT(std::string(error.what()), StartsWith(c.message));
    }
  }
}

}  // namespace
}  // namespace bteval::distributed
