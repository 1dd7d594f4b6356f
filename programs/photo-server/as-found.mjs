// Takes uploads: PUT /photos/NAME. The row first, then the file, as many servers do it.
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";

const database = (sql) => execFileSync("sqlite3", ["library.db", sql], { stdio: ["ignore", "pipe", "pipe"] });

const server = createServer(async (request, response) => {
  const name = decodeURIComponent(request.url.split("/").pop());
  try {
    const parts = [];
    for await (const part of request) parts.push(part);
    database(`INSERT INTO photos VALUES ('${name}', 'photos/${name}')`);
    await writeFile(`photos/${name}`, Buffer.concat(parts));
    response.writeHead(201, { "Content-Type": "application/json" }).end(JSON.stringify({ name }));
  } catch (error) {
    response.writeHead(500).end(error.message.split("\n")[0]);
  }
});
server.listen(8080, "127.0.0.1");
