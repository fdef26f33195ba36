import { stepCommands, workflowCommands } from './workflow-commands';

const WORKFLOW = `
on: [push]
jobs:
  one:
    steps:
      - uses: actions/checkout@v5
      - run: npm ci
      - name: Test
        run: npm run affected -- test --base="$BASE"
  two:
    steps:
      - run: |
          # All of it.
          npm ci
          npm run test:matrix # slow
`;

const SCRIPT = `
step() {
  "$@"
}
step npm ci --no-audit
# step npm run never
step npm run --silent affected -- build
  step "$@"
test_step npm run --silent affected -- test --skip-nx-cache
`;

describe('workflowCommands', () => {
  it('gives the commands of every job, once and without options and comments', () => {
    expect(workflowCommands(WORKFLOW)).toEqual([
      'npm ci',
      'npm run affected test',
      'npm run test:matrix',
    ]);
  });

  it('refuses what is no workflow', () => {
    expect(() => workflowCommands('jobs: 1')).toThrow();
    expect(() => workflowCommands('jobs: {')).toThrow();
  });
});

describe('stepCommands', () => {
  it('gives the commands of every step, without options', () => {
    expect(stepCommands(SCRIPT)).toEqual([
      'npm ci',
      'npm run affected build',
      'npm run affected test',
    ]);
  });
});
