import { collate, ReasoningSequence } from '@pixelis/data';
import * as tf from '@tensorflow/tfjs';
import { setBackend } from '../../test/support/backends';
import { tinyModel, valExamples } from '../../test/support/tiny-model';
import { tensorOf } from '../host-tensors';
import { imageFeatures, imageInput } from '../models/vision-language';
import { PictureFeatures } from './picture-features';

beforeAll(() => setBackend('wasm with kernels'));

describe('PictureFeatures', () => {
  it('gives each patch the row of its own features, whatever was encoded before', () => {
    const { config, parameters } = tinyModel();
    const [first, second] = valExamples('medium', 2).map(
      ({ canvas, question }) => new ReasoningSequence(canvas, question),
    );
    const features = new PictureFeatures(parameters, config);
    const collated = (sequences: ReasoningSequence[]) =>
      collate(sequences, { patchSize: config.patchSize });
    features.of([second!], collated([second!]).patches);
    second!.insertImage(new Uint8Array(784).fill(90));

    const batch = collated([first!, second!]);
    const { patchFeatures, patches } = features.of([first!, second!], batch.patches);

    const images = tensorOf(imageInput(batch.images, config.imageSize));
    const stored = patchFeatures.arraySync();
    const expected = imageFeatures(parameters, images, config).arraySync();
    const rows = [...batch.patches.keys()].filter((at) => (batch.patches[at] ?? -1) >= 0);
    expect(rows).toHaveLength(3 * batch.patchCount);
    for (const at of rows) expect(stored[patches[at]!]).toEqual(expected[batch.patches[at]!]);
    expect([...patches].filter((row) => row < 0)).toHaveLength(patches.length - rows.length);
    features.dispose();
    tf.dispose(parameters);
  });

  it('encodes no picture twice', () => {
    const { config, parameters } = tinyModel();
    const [sequence] = valExamples('simple', 1).map(
      ({ canvas, question }) => new ReasoningSequence(canvas, question),
    );
    const features = new PictureFeatures(parameters, config);
    const { patches } = collate([sequence!], { patchSize: config.patchSize });
    const once = features.of([sequence!], patches).patchFeatures;
    expect(features.of([sequence!], patches).patchFeatures).toBe(once);
    features.dispose();
    tf.dispose(parameters);
  });
});
