// Preloaded into the program: kills it, as `kill -9` does, at the moment that PIXELIS_KILL_AT names.
const fs = require('node:fs');
const { basename, dirname } = require('node:path');

const [moment, target] = (process.env.PIXELIS_KILL_AT ?? '').split(' ');
const { openSync, writeSync, renameSync, ftruncateSync } = fs;
const descriptors = new Set();
let cuts = 0;

function die() {
  process.kill(process.pid, 'SIGKILL');
}

/** A file of the folder `target`, which is written under a temporary name first. */
fs.openSync = function openSyncWatched(path, ...rest) {
  const descriptor = openSync(path, ...rest);
  if (moment === 'writing' && basename(dirname(String(path))) === target)
    descriptors.add(descriptor);
  return descriptor;
};

fs.writeSync = function writeSyncWatched(descriptor, bytes, offset, length, position) {
  if (!descriptors.has(descriptor)) return writeSync(descriptor, bytes, offset, length, position);
  writeSync(descriptor, bytes, offset, Math.floor(bytes.length / 2), position);
  return die();
};

fs.renameSync = function renameSyncWatched(from, to) {
  const isTarget = basename(to) === target;
  if (isTarget && moment === 'before') die();
  renameSync(from, to);
  if (isTarget && moment === 'after') die();
};

fs.ftruncateSync = function ftruncateSyncWatched(descriptor, length) {
  if (moment === 'cutting' && (cuts += 1) === Number(target)) die();
  ftruncateSync(descriptor, length);
};
