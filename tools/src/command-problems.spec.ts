import { commandProblems } from './command-problems';
import { allProjects, WORKSPACE_ROOT } from './workspace';

const world = {
  root: WORKSPACE_ROOT,
  scripts: new Set(['check', 'test']),
  projects: allProjects(),
};

describe('commandProblems', () => {
  it.each([
    'npm ci && npx nx run train:sft',
    '$ npm test # all of them',
    'npm run check',
    'npm install @pixelis/core zod',
    'npx nx affected -t test',
    'npx nx sync:check',
    'npx nx run core:test -- --verbose',
    'NX_DAEMON=false npx prettier --check .',
    'node apps/train/dist/main.js sft --seed 42',
    'sha256sum out/runs/first/checkpoints/final.safetensors',
    "jq '.files | keys[]; #' manifest.json | sha256sum",
    'npx nx run \\\n  train:sft',
    '# only a comment',
  ])('has nothing against %s', (line) => {
    expect(commandProblems([line], world)).toEqual([]);
  });

  it.each([
    'npm run deploy',
    'npm publish',
    'npm install @pixelis/none',
    'npx nx run train:fly',
    'npx nx run none:test',
    'npx nx launch',
    'npx no-such-program',
    'node apps/none/dist/main.js',
    'pixelis verify',
  ])('names %s', (line) => {
    expect(commandProblems([line], world)).toEqual([`there is no command "${line}"`]);
  });
});
