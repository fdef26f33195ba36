import { parse } from 'yaml';
import { z } from 'zod';

const workflowSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({ steps: z.array(z.object({ run: z.string().optional() })) }),
  ),
});

/** The commands that the jobs of a GitHub workflow run, whole, in order, each once. */
export function workflowCommands(yaml: string): string[] {
  const { jobs } = workflowSchema.parse(parse(yaml));
  const steps = Object.values(jobs).flatMap((job) => job.steps);
  return commandsOf(steps.flatMap(({ run }) => run?.split('\n') ?? []));
}

/** The commands that `.ci/run` runs as its steps, whole, each once. */
export function stepCommands(script: string): string[] {
  const steps = script.split('\n').map((line) => /^(?:test_)?step (.*)$/.exec(line)?.[1] ?? '');
  return commandsOf(steps);
}

function commandsOf(lines: readonly string[]): string[] {
  const commands = lines.map((line) =>
    line
      .replace(/(?:^|\s)#.*$/, '')
      .split(/\s+/)
      .filter((word) => word !== '')
      .join(' '),
  );
  return [...new Set(commands.filter((command) => command !== ''))];
}
