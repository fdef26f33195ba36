const { readdirSync, rmSync } = require('node:fs');
const { join } = require('node:path');

/** Removes what builds left, so that nothing survives whose source was renamed or removed: `npm run clean`. */
const root = join(__dirname, '..');
const rooms = ['packages', 'apps'].flatMap((parent) =>
  readdirSync(join(root, parent)).map((name) => join(root, parent, name)),
);
for (const room of [...rooms, join(root, 'bench'), __dirname]) {
  for (const output of ['dist', 'out-tsc']) {
    rmSync(join(room, output), { recursive: true, force: true });
  }
}
