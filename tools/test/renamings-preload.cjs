// Loaded before a program of the workspace: gives it an option and a key that were renamed, and tells by the last line of its standard
// error what its command line still takes by old names.
const config = require.resolve('@pixelis/config');
const { join, dirname } = require('node:path');

const within = (name) => require(join(dirname(config), name));
const { entryPointOptions } = within('entry-point-options');
const definitions = within('config-definitions');
const commandLine = within('command-line');
const { commandLineRenamings } = within('option-definition');

const { parseCommandLine } = commandLine;
commandLine.parseCommandLine = (argv, definition) => {
  const injected = '--random-seed';
  const own = commandLineRenamings(definition).filter(({ from }) => from !== injected);
  process.stderr.write(`renamings: ${JSON.stringify(own)}\n`);
  return parseCommandLine(argv, definition);
};

const removedIn = '99.0.0';
entryPointOptions['random-seed'] = {
  kind: 'integer',
  help: 'Root of all randomness',
  renamedTo: { name: 'seed', removedIn },
};
for (const name of ['trainingDefinition', 'evaluationDefinition', 'sweepDefinition']) {
  definitions[name].renamedKeys = [
    ...(definitions[name].renamedKeys ?? []),
    { from: 'training.lr', to: 'training.learning_rate', removedIn },
  ];
}
