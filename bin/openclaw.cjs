#!/usr/bin/env node
// biome-ignore-all lint/style/useNodejsImportProtocol: this file has to run on every Node, so that an old one gets an answer.

/**
 * Runs the command line in this process when it is Node 24 or newer; otherwise finds such a Node and hands over to it.
 * CommonJS in the syntax of Node 8 on purpose. Nothing is ever looked up relative to the current directory.
 */
"use strict";

const fs = require("fs");
const path = require("path");

const OLDEST_NODE = 24;
/** A launcher sits in `bin/`, `dist/` or `node_modules/openclaw/`; further up belongs to somebody else. */
const FOLDERS_UPWARD = 4;

if (majorOf(process.version) >= OLDEST_NODE) runHere();
else handOver();

function runHere() {
  enableCompileCache();
  // Published: beside this file. In a checkout: the build if there is one, else the sources.
  const bundles = [path.join(__dirname, "main.cjs"), path.join(__dirname, "..", "dist", "main.cjs")];
  const entry = bundles.filter(fs.existsSync)[0] || path.join(__dirname, "..", "src", "cli", "main.ts");
  require(entry)
    .main(process.argv.slice(2))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
}

/** Compiled code is executed later, so it is only kept in a folder that nobody else can write to. */
function enableCompileCache() {
  const base = process.env.XDG_CACHE_HOME || process.env.LOCALAPPDATA || path.join(homeFolder(), ".cache");
  if (!path.isAbsolute(base)) return;
  const folder = path.join(base, "openclaw", "compiled");
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 448 });
    if (isPrivate(fs.lstatSync(folder))) require("module").enableCompileCache(folder);
  } catch (_) {
    // A read-only home costs some milliseconds at every start, nothing else.
  }
}

function isPrivate(stat) {
  if (!stat.isDirectory()) return false;
  return !process.getuid || (stat.uid === process.getuid() && (stat.mode & 18) === 0);
}

function handOver() {
  const node = findNode();
  if (!node) {
    process.stderr.write(
      "openclaw needs Node " +
        OLDEST_NODE +
        " or newer (this is " +
        process.version +
        " at " +
        process.execPath +
        "); install it from https://nodejs.org or set OPENCLAW_NODE to its path\n",
    );
    process.exitCode = 78;
    return;
  }
  const child = require("child_process").spawn(node, [__filename].concat(process.argv.slice(2)), {
    stdio: "inherit",
  });
  const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];
  forwarded.forEach((signal) => {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; sending it again would look like a second Ctrl-C.
      if (signal === "SIGINT" && process.stdin.isTTY) return;
      child.kill(signal);
    });
  });
  child.on("error", (error) => {
    process.stderr.write(`openclaw could not start ${node}: ${error.message}\n`);
    process.exitCode = 78;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    forwarded.forEach((name) => {
      process.removeAllListeners(name);
    });
    process.kill(process.pid, signal);
  });
}

/** The first candidate that says it is new enough; each one is asked at most once. */
function findNode() {
  const asked = {};
  asked[realPath(process.execPath)] = true;
  let found;
  candidates().some((candidate) => {
    const real = realPath(candidate);
    if (!real || asked[real]) return false;
    asked[real] = true;
    if (versionOf(candidate) < OLDEST_NODE) return false;
    found = candidate;
    return true;
  });
  return found;
}

function candidates() {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const home = homeFolder();
  const list = [];
  if (process.env.OPENCLAW_NODE) list.push(process.env.OPENCLAW_NODE);

  ancestors(__dirname, FOLDERS_UPWARD).forEach((folder) => {
    const modules = path.join(folder, "node_modules");
    list.push(path.join(modules, ".bin", name));
    list.push(path.join(modules, `node-${process.platform}-${process.arch}`, "bin", name));
  });
  (process.env.PATH || "").split(path.delimiter).forEach((entry) => {
    if (!path.isAbsolute(entry)) return;
    list.push(path.join(entry, name.replace("node", "node24")));
    list.push(path.join(entry, name));
  });
  newestFirst(path.join(home, ".nvm", "versions", "node")).forEach((version) => {
    list.push(path.join(version, "bin", name));
  });
  newestFirst(path.join(home, ".volta", "tools", "image", "node")).forEach((version) => {
    list.push(path.join(version, "bin", name));
  });
  list.push("/usr/local/bin/node", "/opt/homebrew/opt/node@24/bin/node", "/opt/homebrew/bin/node");
  return list.filter((candidate) => path.isAbsolute(candidate));
}

function ancestors(folder, count) {
  return count === 0 ? [] : [folder].concat(ancestors(path.dirname(folder), count - 1));
}

/** Folders named after versions (`v24.1.0` or `24.1.0`) that are new enough, newest first. */
function newestFirst(folder) {
  let names;
  try {
    names = fs.readdirSync(folder);
  } catch (_) {
    return [];
  }
  return names
    .filter((name) => majorOf(name) >= OLDEST_NODE)
    .sort((a, b) => majorOf(b) - majorOf(a))
    .map((name) => path.join(folder, name));
}

function versionOf(node) {
  const answer = require("child_process").spawnSync(node, ["--version"], { encoding: "utf8", timeout: 5000 });
  return answer.status === 0 ? majorOf(answer.stdout) : 0;
}

function majorOf(version) {
  const match = /^v?(\d+)\./.exec(version);
  return match ? Number(match[1]) : 0;
}

function realPath(file) {
  try {
    return fs.realpathSync(file);
  } catch (_) {
    return "";
  }
}

function homeFolder() {
  return process.env.HOME || require("os").homedir();
}
