import { toOpenLineage } from '../../src/index';
import { exampleGraph, hostileGraph } from '../example-graph';
import { readWithPython } from './read-with-python';

describe('toOpenLineage', () => {
  it.each([
    ['an example', exampleGraph],
    ['hostile texts', hostileGraph],
  ])('toOpenLineage() of %s is read and written alike by openlineage-python', (_, graph) => {
    const text = toOpenLineage(graph);
    const events = text.trimEnd().split('\n').map((line): unknown => JSON.parse(line)); // prettier-ignore
    expect(events.length).toBeGreaterThan(6);
    expect(readWithPython('read_open_lineage.py', text)).toEqual(events);
  });
});
