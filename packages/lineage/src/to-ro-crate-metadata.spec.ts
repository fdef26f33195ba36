import { exampleGraph, model, training } from '../test/example-graph';
import { toRoCrateMetadata, type RoCrateOptions } from './to-ro-crate-metadata';

const options: RoCrateOptions = {
  name: 'First try',
  description: 'All that made it',
  license: 'https://creativecommons.org/licenses/by/4.0/',
  datePublished: '2026-01-02',
};

function entities(given: Partial<RoCrateOptions> = {}): Map<unknown, unknown> {
  const graph = toRoCrateMetadata(exampleGraph, { ...options, ...given })['@graph'];
  return new Map((graph as { '@id': string }[]).map((entity) => [entity['@id'], entity]));
}

describe('toRoCrateMetadata', () => {
  it('toRoCrateMetadata() describes a run as an action with what it used and made', () => {
    expect(entities().get(`#run/${training.id}`)).toEqual({
      '@id': `#run/${training.id}`,
      '@type': 'CreateAction',
      name: 'first try',
      description: 'Run 20260102T030401-abcdef of train:sft',
      instrument: {
        '@id': 'https://example.org/pixelis.git#train:sft@1a2b3c4d5e6f708192a3b4c5d6e7f80910111213',
      },
      startTime: '2026-01-02T03:04:05.000+00:00',
      endTime: '2026-01-02T03:14:05.000+00:00',
      actionStatus: 'http://schema.org/CompletedActionStatus',
      object: [
        { '@id': '#artifact/mnist-small:1.0.0' },
        { '@id': `#run/${training.id}/param/batch_size` },
        { '@id': `#run/${training.id}/param/optimizer` },
        { '@id': `#run/${training.id}/param/seed` },
      ],
      result: [
        { '@id': '#artifact/sft-model:1.0.0' },
        { '@id': `#run/${training.id}/metric/accuracy/val` },
        { '@id': `#run/${training.id}/metric/loss/train` },
      ],
    });
    expect(entities().get(`#run/${training.id}/metric/accuracy/val`)).toMatchObject({ value: 0.9 });
  });

  it('toRoCrateMetadata() lists the files that lie in the crate, with their hash, size and kind', () => {
    const files = [
      { path: 'data/a b#1.csv', sha256: '0'.repeat(64), bytes: 3, artifact: model.id },
      { path: 'data/ä.safetensors', sha256: '1'.repeat(64), bytes: 4, artifact: model.id },
      { path: 'runs/x/m.jsonl', sha256: '2'.repeat(64), bytes: 5, run: training.id },
    ];
    const all = entities({ files });
    expect(all.get('./')).toMatchObject({
      hasPart: [
        { '@id': 'data/a%20b%231.csv' },
        { '@id': 'data/ä.safetensors' },
        { '@id': 'runs/x/m.jsonl' },
      ],
    });
    expect(all.get('data/a%20b%231.csv')).toEqual({
      '@id': 'data/a%20b%231.csv',
      '@type': 'File',
      name: 'a b#1.csv',
      description: 'A file of sft-model:1.0.0',
      about: { '@id': '#artifact/sft-model:1.0.0' },
      sha256: '0'.repeat(64),
      contentSize: '3',
      encodingFormat: 'text/csv',
    });
    expect(all.get('runs/x/m.jsonl')).toMatchObject({ about: { '@id': `#run/${training.id}` } });
    expect(all.get('#artifact/sft-model:1.0.0')).toMatchObject({
      '@type': 'Collection',
      hasPart: [{ '@id': 'data/a%20b%231.csv' }, { '@id': 'data/ä.safetensors' }],
    });
  });

  it('toRoCrateMetadata() describes an artifact whose files are elsewhere as a work', () => {
    expect(entities().get('#artifact/mnist-small:1.0.0')).toMatchObject({
      '@type': 'CreativeWork',
      isBasedOn: { '@id': '#artifact/mnist:1.0.0' },
    });
  });

  it('toRoCrateMetadata() takes terms in words for a license', () => {
    const all = entities({ license: 'Ask us first' });
    expect(all.get('./')).toMatchObject({ license: { '@id': '#license' } });
    expect(all.get('#license')).toMatchObject({ name: 'Ask us first' });
  });

  it('toRoCrateMetadata() names the publisher, who is also taken for the one that ran it', () => {
    const all = entities({ publisher: { name: 'Example Lab', email: 'lab@example.org' } });
    expect(all.get('./')).toMatchObject({ publisher: { '@id': '#agent/Example%20Lab' } });
    expect(all.get(`#run/${training.id}`)).toMatchObject({ agent: { '@id': '#agent/Example%20Lab' } }); // prettier-ignore
    expect(all.get('mailto:lab@example.org')).toMatchObject({ '@type': 'ContactPoint' });
  });

  it('toRoCrateMetadata() refers to nothing within the crate that it does not describe', () => {
    const all = entities();
    const text = JSON.stringify([...all.values()]);
    const references = [...text.matchAll(/\{"@id":"([^"]*)"\}/g)].map(([, id]) => id);
    const open = references.filter((id) => !all.has(id));
    expect(new Set(open)).toEqual(new Set(['https://w3id.org/ro/crate/1.2']));
  });
});
