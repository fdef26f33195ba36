import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

describe('the library without its worker module, as in a bundle', () => {
  it('setGlobalSeed() works, and starting a worker says what is missing', () => {
    const folder = mkdtempSync(join(__dirname, '../bundle-'));
    try {
      cpSync(join(__dirname, '../../dist'), folder, { recursive: true });
      rmSync(join(folder, 'worker-bootstrap.js'));
      const program = `
        const { setGlobalSeed } = require(${JSON.stringify(join(folder, 'index.js'))});
        const threads = require('node:worker_threads');
        setGlobalSeed(1);
        try { new threads.Worker('', { eval: true }); } catch (error) { console.log(error.code); }`;
      const printed = execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' });
      expect(printed).toBe('WORKER_BOOTSTRAP_MISSING\n');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
