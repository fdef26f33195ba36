import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderState } from '../support/folder-state';
import { recordRuns } from '../support/record-runs';
import { runPixelis } from '../support/run-pixelis';
import { useTemporaryFolder } from '../support/temporary-folder';

const temporaryFolder = useTemporaryFolder();
const cwd = temporaryFolder();
let before: Record<string, string>;

beforeAll(async () => {
  await recordRuns(cwd);
  mkdirSync(join(cwd, 'folder'));
  writeFileSync(join(cwd, 'text.txt'), 'neither JSON nor a key nor a zip');
  writeFileSync(join(cwd, 'list.json'), '[1]');
  writeFileSync(join(cwd, 'records.jsonl'), '{"question":"q","steps":["s"],"answer":"a"}\n');
  await runPixelis(['generate-key', 'key'], { cwd });
  before = folderState(cwd);
});

/** A command line, its exit code, and what its error must say. */
type Case = readonly [line: string, exitCode: number, says: RegExp];

const cases: Case[] = [
  ['nope', 2, /Unknown command "nope"/],
  ['runz', 2, /did you mean "runs"/],
  ['run list', 2, /did you mean "runs list"/],
  ['runs lst', 2, /did you mean "runs list"/],
  ['list runs', 2, /did you mean "runs list"/],
  ['show artifacts model-cats', 2, /did you mean "artifacts show"/],
  ['exprt', 2, /did you mean "export"/],
  ['help nope', 2, /Unknown command "nope"/],
  ['trace', 2, /not available in this version/],
  ['--verbose', 2, /Option --verbose needs a command/],
  ['-h', 2, /Option -h needs a command/],

  ['runs list --statu FAILED', 2, /did you mean --status/],
  ['runs list --status done', 2, /--status must be RUNNING or COMPLETED or FAILED/],
  ['runs list --limit x', 2, /--limit must be an integer/],
  ['runs list --limit 0', 2, /--limit must be an integer from 1/],
  ['runs list --tag a', 2, /--tag must be KEY=VALUE/],
  ['runs list --config x', 2, /"x"/],
  ['runs list --metric accuracy>high', 2, /accuracy>high/],
  ['runs list --since yesterday', 2, /yesterday/],
  ['runs list a b', 2, /Unexpected argument "b"/],
  ['runs list --out nowhere', 4, /no output folder "nowhere"/],
  ['runs list --out text.txt', 4, /text\.txt/],
  ['runs show', 2, /RUN is missing/],
  ['runs show nope', 2, /no run "nope"/],
  ['runs show ../a-train', 2, /a-train/],
  ['runs show latest --out folder', 2, /latest/],
  ['runs compare a-train', 2, /OTHER is missing/],
  ['runs compare a-train nope', 2, /no run "nope"/],
  ['runs compare a-train b-evaluate --al', 2, /did you mean --all/],
  ['runs audit nope', 2, /no run "nope"/],
  ['runs audit --public-key nope.pub', 4, /nope\.pub/],
  ['runs audit --out nowhere', 4, /no output folder "nowhere"/],

  ['verify', 2, /RUN is missing/],
  ['verify nope', 2, /no run "nope"/],
  ['verify ./nope', 4, /nope is no folder of a run/],
  ['verify b-evaluate', 2, /is of the job evaluate/],
  ['verify a-train --steps x', 2, /--steps must be an integer/],
  ['verify a-train --steps 0', 2, /--steps must be an integer from 1/],
  ['verify a-train --threads 1000', 2, /--threads must be an integer from 1 to 256/],
  ['verify a-train --chekout', 2, /did you mean --checkout/],
  ['diff a-train', 2, /B is missing/],
  ['diff a-train nope', 2, /no run "nope"/],
  ['diff c-failed c-failed', 2, /no training to compare/],
  ['diff a-train b-evaluate', 2, /no training to compare/],
  ['diff b-evaluate b-evaluate', 2, /no training to compare/],
  ['diff a-train b-evaluate --reply', 2, /did you mean --replay/],
  ['diff a-train b-evaluate --out nowhere', 4, /no output folder "nowhere"/],

  ['artifacts list --typ model', 2, /did you mean --type/],
  ['artifacts list a b', 2, /Unexpected argument "b"/],
  ['artifacts list --out nowhere', 4, /"nowhere"/],
  ['artifacts show', 2, /NAME\[:VERSION\] is missing/],
  ['artifacts show model-cat', 2, /model-cats/],
  ['artifacts show model-cats:v9', 2, /v9/],
  ['artifacts show model-cats:bst', 2, /bst/],
  ['artifacts get model-cats', 2, /FOLDER is missing/],
  ['artifacts get model-cts new', 2, /model-cats/],
  ['artifacts get model-cats out', 2, /not empty/],
  ['artifacts get model-cats text.txt', 4, /text\.txt/],
  ['artifacts put x', 2, /PATH is missing/],
  ['artifacts put x missing.txt', 4, /missing\.txt/],
  ['artifacts put ../x text.txt', 2, /"\.\.\/x"/],
  ['artifacts put dataset-x text.txt', 2, /dataset-x/],
  ['artifacts put model-cats text.txt --type dataset', 2, /model-cats/],
  ['artifacts put x text.txt --version one', 2, /"one"/],
  ['artifacts put x text.txt --bump mayor', 2, /--bump must be major or minor or patch/],
  ['artifacts put x text.txt --metadata licence', 2, /--metadata must be KEY=VALUE/],
  ['artifacts put x text.txt --alias v2', 2, /"v2"/],
  ['artifacts put x folder', 2, /./],
  ['artifacts put x list.json --out text.txt', 4, /text\.txt/],
  ['artifacts list --out text.txt', 4, /text\.txt/],
  ['artifacts alias model-cats', 2, /ALIAS is missing/],
  ['artifacts alias model-cats best', 2, /either a version or --remove/],
  ['artifacts alias model-cats best v1 --remove', 2, /either a version or --remove/],
  ['artifacts alias model-cats best v9', 2, /v9/],
  ['artifacts alias model-cts best v1', 2, /model-cats/],
  ['artifacts alias model-cats gone --remove', 2, /gone/],
  ['artifacts alias model-cats latest --remove', 2, /latest/],
  ['artifacts rollback model-cats', 2, /VERSION is missing/],
  ['artifacts rollback model-cats v9', 2, /v9/],
  ['artifacts rollback model-cats v1 --alias nope', 2, /nope/],
  ['artifacts rollback v1 model-cats', 2, /"v1"/],
  ['artifacts verify extra', 2, /Unexpected argument "extra"/],
  ['artifacts verify --out nowhere', 4, /"nowhere"/],
  ['artifacts verify --dryrun', 2, /did you mean --dry-run/],
  ['artifacts gc --keep-last -1', 2, /--keep-last/],
  ['artifacts gc --grace 3', 2, /--grace must be a time span/],
  ['artifacts gc --keep-younger-than soon', 2, /--keep-younger-than must be a time span/],
  ['artifacts gc --aply', 2, /did you mean --apply/],
  ['artifacts gc --out nowhere --apply', 4, /"nowhere"/],

  ['lineage show', 2, /NODE is missing/],
  ['lineage show model-cts', 2, /model-cats/],
  ['lineage show model-cats:v9', 2, /v9/],
  ['lineage show latest --to nope', 2, /"nope"/],
  ['lineage show latest --depth -1', 2, /--depth/],
  ['lineage validate x', 2, /Unexpected argument "x"/],
  ['lineage validate --strict', 2, /--strict/],
  ['lineage validate --out nowhere', 4, /"nowhere"/],
  ['lineage export --format dott', 2, /--format must be dot or/],
  ['lineage export --format slsa', 2, /about one run/],
  ['lineage export model-cats --format slsa', 2, /about one run/],
  ['lineage export nope', 2, /"nope"/],
  ['lineage export --output no/file.txt', 4, /no.file\.txt/],
  ['lineage export --output folder', 4, /folder/],

  ['export latest', 2, /--file is missing/],
  ['export --file new.zip', 2, /nothing to export/],
  ['export nope --file new.zip', 2, /no run "nope"/],
  ['export latest --artifact nope --file new.zip', 2, /"nope"/],
  ['export latest --file no/new.zip', 4, /no.new\.zip/],
  ['export latest --file text.txt', 2, /text\.txt exists/],
  ['import', 2, /FILE is missing/],
  ['import missing.zip', 4, /missing\.zip/],
  ['import text.txt', 4, /text\.txt/],
  ['import folder', 4, /folder/],
  ['sync', 2, /either --to or --from/],
  ['sync --to file:a --from file:b', 2, /either --to or --from/],
  ['sync --from file:nowhere', 4, /no folder .*nowhere/],
  ['sync --to nope', 2, /"nope"/],
  ['sync --to fle:x', 2, /did you mean file:/],
  ['sync --to s3://b/prefix', 2, /"b"/],
  ['sync --from mlflow:http://127.0.0.1:5000', 2, /no object store/],
  ['sync nope --to file:backup', 2, /no run "nope"/],

  ['sync --to file:text.txt', 4, /text\.txt/],
  ['export latest --file new.zip --out text.txt', 4, /text\.txt/],
  ['generate-key', 2, /FILE is missing/],
  ['generate-key key', 2, /key is there already/],
  ['generate-key no/key', 4, /no.key/],
  ['generate-key new --curve P-25', 2, /--curve must be P-256/],
  ['sign', 2, /TARGET is missing/],
  ['sign latest', 2, /--key is missing/],
  ['sign latest --key missing.pem', 4, /missing\.pem/],
  ['sign latest --key text.txt', 2, /text\.txt/],
  ['sign latest --key key.pub', 2, /key\.pub/],
  ['sign nope --key key', 2, /"nope" is neither/],
  ['sign text.txt --key key', 2, /text\.txt is a file/],
  ['sign model-cats --key key --provenance p.json', 2, /no provenance/],
  ['sign latest --key key --output no/x.sig', 4, /no.x\.sig/],
  ['verify-signature latest', 2, /--public-key is missing/],
  ['verify-signature latest --public-key key.pub', 4, /no signature .*model\.sig/],
  ['verify-signature nope --public-key key.pub', 2, /"nope" is neither/],
  ['verify-signature latest --public-key key.pub --signature nope.sig', 4, /no signature nope\.sig/],
  ['verify-signature latest --public-key nope.pub --signature list.json', 4, /nope\.pub/],

  ['filter-and-score', 2, /--input is missing/],
  ['filter-and-score --input records.jsonl', 2, /--output is missing/],
  ['filter-and-score --input records.jsonl --output o', 2, /--dataset-name is missing/],
  ['filter-and-score --input nope.jsonl --output o --dataset-name x', 4, /nope\.jsonl/],
  ['filter-and-score --input text.txt --output o --dataset-name x', 4, /text\.txt, line 1 is not JSON/],
  ['filter-and-score --input list.json --output o --dataset-name x', 4, /list\.json, item 1 is no JSON object/],
  ['filter-and-score --input folder --output o --dataset-name x --dataset-type images', 4, /folder holds no pictures/],
  ['filter-and-score --input records.jsonl --output o --dataset-name x --dataset-type pictures', 2, /--dataset-type must be/],
  ['filter-and-score --input records.jsonl --output o --dataset-name a/b', 2, /--dataset-name/],
  ['filter-and-score --input records.jsonl --output o --dataset-name x --min-quality-score 2', 2, /from 0 to 1: got "2"/],
  ['filter-and-score --input records.jsonl --output no/o --dataset-name x', 4, /no.o/],
]; // prettier-ignore

describe('pixelis with wrong input says what is wrong in two lines, and leaves all as it was', () => {
  it.each(cases)('%s', async (line, code, says) => {
    const ending = await runPixelis(line.split(' '), { cwd });
    expect(ending).toMatchObject({ code, stdout: '' });
    expect(ending.stderr).toMatch(/^error: .+\nremedy: .+\n$/);
    expect(ending.stderr).toMatch(says);
    expect(folderState(cwd)).toEqual(before);
  });

  it('in more than one place at once', async () => {
    const { stderr } = await runPixelis(['runs', 'show', '--nope', '--out'], { cwd });
    for (const part of ['--nope', '--out needs a value', 'RUN is missing'])
      expect(stderr).toContain(part);
  });
});
