import { helpText, parseCommandLine } from '@pixelis/config';
import { nearestName, UsageError } from '@pixelis/core';
import { type CommandEntry, commandEntries, laterCommands } from './commands';
import { createOutput } from './output';

/**
 * Runs `pixelis` with what stands on its command line.
 *
 * @returns The exit code, if it is not 0.
 * @throws {UsageError} If there is no such command, or an option or word of it is wrong.
 */
export async function runCommandLine(argv: readonly string[]): Promise<number | undefined> {
  const bare = argv.filter((word) => !word.startsWith('-'));
  const entry = findEntry(bare);
  if (entry === undefined) {
    const topic = bare[0];
    if (bare.length > 0 && !isTopic(topic)) throw unknownCommand(bare);
    if (bare.length > 1 && !argv.includes('--help')) throw unknownCommand(bare);
    process.stdout.write(overview(topic));
    return undefined;
  }
  const command = await entry.load();
  const rest = withoutName(argv, entry.name.split(' '));
  const definition = command.definition(`pixelis ${entry.name}`, entry.summary);
  const commandLine = parseCommandLine(rest, definition);
  if (commandLine.flag('help')) {
    process.stdout.write(helpText(definition));
    return undefined;
  }
  return command.run(commandLine, createOutput(commandLine.flag('json')));
}

function findEntry(words: readonly string[]): CommandEntry | undefined {
  const names = [words.slice(0, 2).join(' '), words[0] ?? ''];
  return names.map((name) => commandEntries.find((entry) => entry.name === name)).find(Boolean);
}

/** The first words are the command's name, wherever options stand between them. */
function withoutName(argv: readonly string[], name: readonly string[]): string[] {
  const rest = [...argv];
  for (const word of name) rest.splice(rest.indexOf(word), 1);
  return rest;
}

function isTopic(word: string | undefined): boolean {
  return commandEntries.some(({ name }) => name.split(' ')[0] === word);
}

function overview(topic: string | undefined): string {
  const entries = commandEntries.filter(
    ({ name }) => topic === undefined || name.split(' ')[0] === topic,
  );
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [
    `Usage: pixelis ${topic ?? 'COMMAND'}${topic === undefined ? '' : ' COMMAND'} [OPTION]...`,
    '',
    ...entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'pixelis COMMAND --help tells more of one of them.',
    '',
  ].join('\n');
}

function unknownCommand(words: readonly string[]): UsageError {
  const [topic = ''] = words;
  if (laterCommands.includes(topic)) {
    return new UsageError(`The command "${topic}" is not available in this version`, {
      code: 'COMMAND_UNAVAILABLE',
      remedy: 'pixelis --help lists the commands that there are.',
    });
  }
  const asked = words.slice(0, isTopic(topic) ? 2 : 1).join(' ');
  const known = commandEntries.flatMap(({ name }) => [name, name.split(' ')[0] ?? '']);
  const nearest = nearestName(asked, new Set(known));
  const hint = nearest === undefined ? '' : `: did you mean "${nearest}"?`;
  return new UsageError(`Unknown command ${JSON.stringify(asked)}${hint}`, {
    code: 'COMMAND_UNKNOWN',
    remedy: 'pixelis --help lists the commands.',
  });
}
