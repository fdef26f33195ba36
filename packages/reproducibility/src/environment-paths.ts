import { homedir, hostname, tmpdir, userInfo } from 'node:os';

/** Where a value may name this machine or its user. */
export interface MachineNames {
  readonly home: string;
  readonly workingFolder: string;
  readonly temporaryFolder: string;
  readonly user: string;
  readonly host: string;
}

/** The names of this machine. */
export function machineNames(): MachineNames {
  return {
    home: homedir(),
    workingFolder: process.cwd(),
    temporaryFolder: tmpdir(),
    user: userName(),
    host: hostname(),
  };
}

/** The value without this machine's folders (`.`, `~`, `<tmp>`) and the names of user and host (`<user>`, `<host>`). */
export function withoutMachine(value: string, names: MachineNames): string {
  const { workingFolder, home, temporaryFolder, user, host } = names;
  let text = replaceFolder(value, workingFolder, '.');
  text = replaceFolder(text, home, '~');
  text = replaceFolder(text, temporaryFolder, '<tmp>');
  if (user !== '') {
    // Only as a part of a path: a user may be called `train`.
    text = text.replace(new RegExp(`(?<=[/\\\\])${literal(user)}(?=[/\\\\]|$)`, 'g'), '<user>');
  }
  const isTelling = host.length >= 4 && host !== 'localhost';
  return isTelling ? text.replace(new RegExp(`\\b${literal(host)}\\b`, 'g'), '<host>') : text;
}

/** The text with `~` for the folder of the user. */
export function withoutHome(text: string, home: string): string {
  return replaceFolder(text, home, '~');
}

function replaceFolder(text: string, folder: string, sign: string): string {
  // The root, or a drive, says nothing of the machine.
  if (folder.length < 4) return text;
  // In text of JSON a backslash is two.
  const pattern = folder
    .split(/[\\/]+/)
    .map(literal)
    .join('[\\\\/]+');
  return text.replace(new RegExp(`${pattern}(?![\\w.-])`, 'g'), () => sign);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** Empty where the system knows no name, as for a number that a container was started with. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
