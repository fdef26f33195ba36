/**
 * Stands in for the program of Slurm whose name comes first, with its state in the folder FAKE_SLURM: `calls.jsonl` of what was
 * asked, `queue.json` of the tasks (and `queue.txt` as squeue prints them), and `answers.json` of what programs say instead of doing their work.
 */
const { appendFileSync, readFileSync, renameSync, writeFileSync } = require('node:fs');

const folder = process.env.FAKE_SLURM;
const [program, ...words] = process.argv.slice(2);
appendFileSync(`${folder}/calls.jsonl`, `${JSON.stringify([program, ...words])}\n`);

const answers = read('answers', {});
const answer = answers[program]?.shift();
if (answer !== undefined) write('answers', answers);
if (answer === undefined || answer.does) work();
if (answer !== undefined) {
  process.stderr.write(answer.stderr);
  process.exitCode = answer.exitCode;
}

function work() {
  if (program === 'sbatch') submit();
  else if (program === 'squeue') list();
  else if (program === 'scontrol' && words[0] === 'show') {
    process.stdout.write('Configuration data\nMaxArraySize            = 10\n');
  } else if (program === 'scancel' && words.includes('--state=PENDING')) {
    change((task) => (task.state === 'PENDING' && task.name === valueOf('name') ? [] : [task]));
  }
}

function submit() {
  const queue = read('queue', []);
  const job = 100;
  for (const part of valueOf('array').split('%')[0].split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    for (let index = first; index <= last; index++) {
      queue.push({ job, index, state: 'PENDING', name: valueOf('job-name'), reason: 'Priority' });
    }
  }
  write('queue', queue);
  process.stdout.write(`${job};cluster\n`);
}

function list() {
  process.stdout.write(linesOf(read('queue', [])));
}

function linesOf(queue) {
  return queue
    .map(
      ({ job, index, state, name, reason }) => `${[job, index, state, name, reason].join('|')}\n`,
    )
    .join('');
}

function change(action) {
  write('queue', read('queue', []).flatMap(action));
}

function valueOf(option) {
  return words.find((word) => word.startsWith(`--${option}=`))?.slice(option.length + 3) ?? '';
}

function read(name, otherwise) {
  try {
    return JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
  } catch {
    return otherwise;
  }
}

function write(name, value) {
  // First what programs read, last what the test waits for.
  if (name === 'queue') replace('queue.txt', linesOf(value));
  replace(`${name}.json`, JSON.stringify(value));
}

function replace(name, text) {
  writeFileSync(`${folder}/${name}.${process.pid}`, text);
  renameSync(`${folder}/${name}.${process.pid}`, `${folder}/${name}`);
}
