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
  it('gives the commands of every job, whole, once and without comments', () => {
    expect(workflowCommands(WORKFLOW)).toEqual([
      'npm ci',
      'npm run affected -- test --base="$BASE"',
      'npm run test:matrix',
    ]);
  });

  it('refuses what is no workflow', () => {
    expect(() => workflowCommands('jobs: 1')).toThrow();
    expect(() => workflowCommands('jobs: {')).toThrow();
  });
});

describe('stepCommands', () => {
  it('gives the commands of every step, whole', () => {
    expect(stepCommands(SCRIPT)).toEqual([
      'npm ci --no-audit',
      'npm run --silent affected -- build',
      'npm run --silent affected -- test --skip-nx-cache',
    ]);
  });
});
