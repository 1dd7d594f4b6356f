// The same, repaired: the file first, under another name until it is whole and on the disk; then the row, in a statement
// that may come twice. The start removes what an upload that was killed has left.
import { execFileSync } from "node:child_process";
import { readdirSync, unlinkSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { createServer } from "node:http";

const database = (sql) =>
  execFileSync("sqlite3", ["library.db", sql], { stdio: ["ignore", "pipe", "pipe"] }).toString();

const known = new Set(database("SELECT path FROM photos").split("\n"));
for (const file of readdirSync("photos")) {
  if (!known.has(`photos/${file}`)) unlinkSync(`photos/${file}`);
}

async function synced(path, flags, work) {
  const file = await open(path, flags);
  try {
    await work(file);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function store(name, bytes) {
  const [path, made] = [`photos/${name}`, `photos/.${name}.new`];
  try {
    await synced(made, "w", (file) => file.writeFile(bytes));
    await rename(made, path);
    await synced("photos", "r", () => {});
    database(
      `INSERT INTO photos VALUES ('${name}', '${path}') ON CONFLICT (name) DO UPDATE SET path = excluded.path`,
    );
  } catch (error) {
    await rm(made, { force: true });
    // A statement that fails may have been committed all the same: the row decides.
    if (database(`SELECT count(*) FROM photos WHERE name = '${name}'`).trim() === "0") {
      await rm(path, { force: true });
    }
    throw error;
  }
}

const server = createServer(async (request, response) => {
  const name = decodeURIComponent(request.url.split("/").pop());
  try {
    const parts = [];
    for await (const part of request) parts.push(part);
    await store(name, Buffer.concat(parts));
    response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify({ name }));
  } catch (error) {
    response.writeHead(500).end(error.message.split("\n")[0]);
  }
});
server.listen(8080, "127.0.0.1");
