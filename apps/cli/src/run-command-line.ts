import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitLines, helpText, parseCommandLine, terminalWidth, warningLines } from '@pixelis/config';
import { nearestName, UsageError } from '@pixelis/core';
import { z } from 'zod';
import { bareIndices, presentCommand } from './command-words';
import { type CommandEntry, commandEntries, laterCommands, renamedCommands } from './commands';
import { createOutput, type OutputStreams } from './output';

/**
 * Runs `pixelis` with what stands on its command line.
 *
 * @returns The exit code, if it is not 0.
 * @throws {UsageError} If there is no such command, or an option or word of it is wrong.
 */
export async function runCommandLine(
  asked: readonly string[],
  streams: OutputStreams = process,
): Promise<number | undefined> {
  const { stdout, stderr } = streams;
  const { argv, warning } = presentCommand(asked, renamedCommands);
  if (warning !== undefined) stderr.write(warningLines([warning]));
  if (argv.length === 1 && argv[0] === '--version') {
    stdout.write(`${readVersion()}\n`);
    return undefined;
  }
  const { words, isHelp } = readCommandWords(argv);
  const width = terminalWidth(stdout);
  const entry = findEntry(words);
  if (entry === undefined) {
    const [topic] = words;
    const isOverview = words.length === 0 || (isTopic(topic) && (words.length === 1 || isHelp));
    if (!isOverview) throw unknownCommand(words);
    requireNoOption(argv);
    stdout.write(fitLines(overview(topic), width));
    return undefined;
  }
  const command = await entry.load();
  const definition = command.definition(`pixelis ${entry.name}`, entry.summary);
  if (isHelp) {
    stdout.write(helpText(definition, { width }));
    return undefined;
  }
  const commandLine = parseCommandLine(withoutName(argv, entry), definition);
  stderr.write(warningLines(commandLine.warnings));
  return command.run(commandLine, createOutput(commandLine.flag('json'), streams));
}

function readVersion(): string {
  const text = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

/** The bare words, with the name of the command first; `help` before it is as good as `--help` behind it. */
function readCommandWords(argv: readonly string[]): { words: string[]; isHelp: boolean } {
  const words = bareIndices(argv).flatMap((index) => argv[index] ?? []);
  const isHelp = argv.includes('--help');
  return words[0] === 'help' ? { words: words.slice(1), isHelp: true } : { words, isHelp };
}

function findEntry(words: readonly string[]): CommandEntry | undefined {
  const names = [words.slice(0, 2).join(' '), words[0] ?? ''];
  return names.map((name) => commandEntries.find((entry) => entry.name === name)).find(Boolean);
}

/** The first words are the command's name, though `--out`, `--json` and `--help` may stand between them. */
function withoutName(argv: readonly string[], { name }: CommandEntry): string[] {
  const ofName = new Set(bareIndices(argv).slice(0, name.split(' ').length));
  return argv.filter((_, index) => !ofName.has(index));
}

function isTopic(word: string | undefined): boolean {
  return commandEntries.some(({ name }) => topicOf(name) === word);
}

function topicOf(name: string): string {
  return name.split(' ')[0] ?? name;
}

function overview(topic: string | undefined): string {
  const entries = commandEntries.filter(
    ({ name }) => topic === undefined || topicOf(name) === topic,
  );
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [
    `Usage: pixelis ${topic === undefined ? '' : `${topic} `}COMMAND [OPTION]...`,
    '',
    ...entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'Every command takes --out DIR, --json and --help, which tells more of it.',
    '',
  ].join('\n');
}

/** Without a command there is nothing that another option could belong to. */
function requireNoOption(argv: readonly string[]): void {
  const unknown = argv.find((arg) => /^-(?!-(?:out(?:=.*)?|json|help)$)/.test(arg));
  if (unknown === undefined) return;
  throw new UsageError(`Option ${unknown} needs a command before it`, {
    code: 'COMMAND_LINE_INVALID',
    remedy: 'pixelis --help lists the commands.',
  });
}

function unknownCommand(words: readonly string[]): UsageError {
  const [topic = '', word = ''] = words;
  if (laterCommands.includes(topic)) {
    return new UsageError(`The command "${topic}" is not available in this version`, {
      code: 'COMMAND_UNAVAILABLE',
      remedy: 'pixelis --help lists the commands that there are.',
    });
  }
  const nearest = nearestCommand(topic, word);
  const asked = isTopic(topic) ? `${topic} ${word}` : topic;
  const hint = nearest === undefined ? '' : `: did you mean "${nearest}"?`;
  return new UsageError(`Unknown command ${JSON.stringify(asked)}${hint}`, {
    code: 'COMMAND_UNKNOWN',
    remedy: 'pixelis --help lists the commands.',
  });
}

/** Two words are meant more often than one, and are also found where they changed places. */
function nearestCommand(topic: string, word: string): string | undefined {
  const names = commandEntries.map(({ name }) => name);
  const pairs = names.filter((name) => name.includes(' '));
  return (
    nearestName(`${topic} ${word}`, pairs) ??
    nearestName(`${word} ${topic}`, pairs) ??
    nearestName(topic, [...names, ...new Set(pairs.map(topicOf))])
  );
}
