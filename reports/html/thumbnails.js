// Pictures inside the page.

// An image that fits in width × height, at most `enlarge` times its size; its name where there is no picture.
function picture(index, width, height, enlarge = 1) {
  const thumbnail = thumbnails[index];
  if (!thumbnail) return element("span", { class: "missing" }, "no image");
  if (!thumbnail.jpeg) return foreign("span", thumbnail.name, { class: "missing", title: `no picture of ${thumbnail.name}` });
  const scale = Math.min(width / thumbnail.width, height / thumbnail.height, enlarge);
  const image = element("img", { alt: thumbnail.name, title: thumbnail.name,
    width: Math.max(1, Math.round(thumbnail.width * scale)), height: Math.max(1, Math.round(thumbnail.height * scale)) });
  image.decoding = "async";
  image.src = `data:image/jpeg;base64,${thumbnail.jpeg}`;
  return image;
}
