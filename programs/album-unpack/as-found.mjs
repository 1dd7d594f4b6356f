// Unpacks an upload, one file in each line, into albums/NAME, and adds it to index.json.
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const [upload] = process.argv.slice(2);
const album = basename(upload, ".ndjson");
const index = JSON.parse(await readFile("index.json", "utf8"));

await mkdir(`albums/${album}`, { recursive: true });
index[album] = [];
for await (const line of createInterface({ input: createReadStream(upload) })) {
  const { name, text } = JSON.parse(line);
  await pipeline(Readable.from([text]), createWriteStream(`albums/${album}/${name}`));
  index[album].push(name);
}
await writeFile("index.json", JSON.stringify(index));
console.log(JSON.stringify({ album, files: index[album].length }));
