// Rewrites the file named by its argument for ever, with two contents in turn, until it is killed.
const { writeFileAtomic, writeFileAtomicSync } = require('../../dist/atomic-file');

const [path, mode] = process.argv.slice(2);
const contents = [Buffer.alloc(1_000_000, 'a'), Buffer.alloc(700_001, 'b')];

async function rewriteForEver() {
  for (let i = 0; ; i += 1) {
    if (mode === 'sync') writeFileAtomicSync(path, contents[i % 2]);
    else await writeFileAtomic(path, contents[i % 2]);
  }
}

process.send('writing');
rewriteForEver();
