import { firstRows } from '../../src/layers/first-rows';
import { prependRow } from '../../src/layers/prepend-row';
import { transformerBlock } from '../../src/layers/transformer-block';
import { type LayerCase, layerOf as commonLayerOf } from '../support/layers';
import type { Layer } from '../support/tensors';

/** The layer that a case is of. */
export function layerOf(each: LayerCase): Layer {
  const { name, settings } = each;
  switch (name) {
    case 'first_rows':
      return ({ x }) => firstRows(x!, settings);
    case 'prepend_row':
      return ({ x, row }) => prependRow(x!, { row: row!, ...settings });
    case 'transformer_block':
      return ({ x, ...tensors }) => {
        const of = (part: string) => ({
          weight: tensors[`${part}.weight`]!,
          bias: tensors[`${part}.bias`]!,
        });
        const parameters = {
          norm1: of('norm1'),
          qkv: of('attention.qkv'),
          out: of('attention.out'),
          norm2: of('norm2'),
          up: of('mlp.up'),
          down: of('mlp.down'),
        };
        return transformerBlock(x!, parameters, settings);
      };
    default:
      return commonLayerOf(each);
  }
}
