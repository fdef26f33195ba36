import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeConformance } from '../conformance/describe-conformance';
import { TOLERANCES } from '../conformance/tolerances';

const { problem } = probeGpu();

if (problem === null) {
  describeConformance('gpu', TOLERANCES.gpu, { isCompiling: true });
} else {
  process.stderr.write(`conformance of gpu: not run, since ${problem.message}\n`);

  it('backend "gpu" is refused by name where there is none', () => {
    expect(['GPU_MISSING', 'NATIVE_BACKEND_MISSING']).toContain(problem.code);
  });
}

// Helpers

/** What a process of its own finds, before the tests are declared. */
function probeGpu(): { problem: { code: string; message: string } | null } {
  const program = `
    const { probeBackend } = require(${JSON.stringify(join(__dirname, '../../dist/index.js'))});
    probeBackend('gpu').then((probe) => console.log(JSON.stringify(probe)));
  `;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The probe of gpu failed: ${stderr}`);
  return JSON.parse(stdout) as { problem: { code: string; message: string } | null };
}
