// The same, repaired: an album counts once the index names it, and is on the disk before that. Each start removes what the
// index does not name. Without an upload it is such a start, and nothing else.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Waits until a file, or the names in a folder, are on the disk. */
async function sync(path) {
  const file = await open(path);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function write(path, text) {
  await pipeline(Readable.from([text]), createWriteStream(path));
  await sync(path);
}

async function sweep(index) {
  await rm("index.json.new", { force: true });
  for (const album of await readdir("albums")) {
    if (!(album in index)) {
      await rm(`albums/${album}`, { recursive: true });
    }
  }
}

async function unpack(upload, index) {
  const album = basename(upload, ".ndjson");
  if (album in index) {
    return { album, files: index[album].length };
  }
  await mkdir(`albums/${album}`, { recursive: true });
  const files = [];
  for await (const line of createInterface({ input: createReadStream(upload) })) {
    const { name, text } = JSON.parse(line);
    await write(`albums/${album}/${name}`, text);
    files.push(name);
  }
  await sync(`albums/${album}`);
  await sync("albums");
  await write("index.json.new", JSON.stringify({ ...index, [album]: files }));
  await rename("index.json.new", "index.json");
  await sync(".");
  return { album, files: files.length };
}

const [upload] = process.argv.slice(2);
const index = JSON.parse(await readFile("index.json", "utf8"));
await sweep(index);
if (upload !== undefined) {
  console.log(JSON.stringify(await unpack(upload, index)));
}
