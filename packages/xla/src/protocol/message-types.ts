import { Root, type IMapField, type INamespace, type Type } from 'protobufjs/light';

/**
 * The messages of TensorFlow's SavedModel format that a recorded step needs, by their field numbers in
 * `saved_model.proto`, `meta_graph.proto`, `graph.proto`, `node_def.proto`, `attr_value.proto`, `function.proto`,
 * `op_def.proto`, `tensor.proto` and `tensor_shape.proto`.
 */
const MESSAGES: INamespace = {
  nested: {
    SavedModel: {
      fields: {
        savedModelSchemaVersion: { type: 'int64', id: 1 },
        metaGraphs: { rule: 'repeated', type: 'MetaGraph', id: 2 },
      },
    },
    MetaGraph: {
      fields: { metaInfo: { type: 'MetaInfo', id: 1 }, graph: { type: 'Graph', id: 2 } },
    },
    MetaInfo: { fields: { tags: { rule: 'repeated', type: 'string', id: 4 } } },
    Graph: {
      fields: {
        node: { rule: 'repeated', type: 'Node', id: 1 },
        library: { type: 'Library', id: 2 },
        versions: { type: 'Versions', id: 4 },
      },
    },
    Versions: {
      fields: { producer: { type: 'int32', id: 1 }, minConsumer: { type: 'int32', id: 2 } },
    },
    Node: {
      fields: {
        name: { type: 'string', id: 1 },
        op: { type: 'string', id: 2 },
        input: { rule: 'repeated', type: 'string', id: 3 },
        device: { type: 'string', id: 4 },
        attr: mapField('Attribute', 5),
      },
    },
    Attribute: {
      oneofs: { value: { oneof: ['list', 's', 'i', 'f', 'b', 'type', 'shape', 'tensor', 'func'] } },
      fields: {
        list: { type: 'AttributeList', id: 1 },
        s: { type: 'bytes', id: 2 },
        i: { type: 'int64', id: 3 },
        f: { type: 'float', id: 4 },
        b: { type: 'bool', id: 5 },
        type: { type: 'int32', id: 6 },
        shape: { type: 'Shape', id: 7 },
        tensor: { type: 'Tensor', id: 8 },
        func: { type: 'FunctionName', id: 10 },
      },
    },
    AttributeList: {
      fields: {
        s: { rule: 'repeated', type: 'bytes', id: 2 },
        i: { rule: 'repeated', type: 'int64', id: 3 },
        f: { rule: 'repeated', type: 'float', id: 4 },
        b: { rule: 'repeated', type: 'bool', id: 5 },
        type: { rule: 'repeated', type: 'int32', id: 6 },
        shape: { rule: 'repeated', type: 'Shape', id: 7 },
      },
    },
    FunctionName: { fields: { name: { type: 'string', id: 1 } } },
    Shape: {
      fields: {
        dim: { rule: 'repeated', type: 'Dimension', id: 2 },
        unknownRank: { type: 'bool', id: 3 },
      },
    },
    Dimension: { fields: { size: { type: 'int64', id: 1 } } },
    Tensor: {
      fields: {
        dtype: { type: 'int32', id: 1 },
        shape: { type: 'Shape', id: 2 },
        content: { type: 'bytes', id: 4 },
        floatVal: { rule: 'repeated', type: 'float', id: 5 },
        intVal: { rule: 'repeated', type: 'int32', id: 7 },
        boolVal: { rule: 'repeated', type: 'bool', id: 11 },
      },
    },
    Library: { fields: { function: { rule: 'repeated', type: 'Function', id: 1 } } },
    Function: {
      fields: {
        signature: { type: 'Signature', id: 1 },
        node: { rule: 'repeated', type: 'Node', id: 3 },
        ret: mapField('string', 4),
        attr: mapField('Attribute', 5),
        controlRet: mapField('string', 6),
      },
    },
    Signature: {
      fields: {
        name: { type: 'string', id: 1 },
        inputArg: { rule: 'repeated', type: 'Argument', id: 2 },
        outputArg: { rule: 'repeated', type: 'Argument', id: 3 },
        isStateful: { type: 'bool', id: 17 },
        controlOutput: { rule: 'repeated', type: 'string', id: 20 },
      },
    },
    Argument: { fields: { name: { type: 'string', id: 1 }, type: { type: 'int32', id: 3 } } },
  },
};

/** The message type of a whole SavedModel file. */
export const savedModelType: Type = Root.fromJSON(MESSAGES).lookupType('SavedModel');

function mapField(type: string, id: number): IMapField {
  return { keyType: 'string', type, id };
}
