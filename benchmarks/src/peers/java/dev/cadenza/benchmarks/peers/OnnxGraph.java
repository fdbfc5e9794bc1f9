package dev.cadenza.benchmarks.peers;

import java.util.stream.IntStream;

/**
 * An ONNX model under construction. Field numbers are those of {@code onnx.proto}; operators are
 * those of opset 17.
 */
final class OnnxGraph {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 17;
  private static final long FLOAT = 1;
  private static final long INT64 = 7;

  private final Protobuf graph = new Protobuf().text(2, "graph");
  private int names;

  /** An attribute of a node: whole numbers. */
  static Protobuf ints(String name, long... values) {
    return new Protobuf().text(1, name).numbers(8, values).number(20, 7);
  }

  /** An attribute of a node: a whole number. */
  static Protobuf integer(String name, long value) {
    return new Protobuf().text(1, name).number(3, value).number(20, 2);
  }

  /** A weight; returns its name. */
  String weight(float[] values, int... dims) {
    return tensor(FLOAT, new Protobuf().floats(9, values), dims);
  }

  /** A constant of whole numbers, as shapes are; returns its name. */
  String constant(long... values) {
    return tensor(INT64, new Protobuf().longs(9, values), values.length);
  }

  private String tensor(long type, Protobuf tensor, int... dims) {
    String name = name();
    for (int d : dims) {
      tensor.number(1, d);
    }
    graph.message(5, tensor.number(2, type).text(8, name));
    return name;
  }

  /** A node with one output; returns the name of that. */
  String node(String operator, String[] inputs, Protobuf... attributes) {
    return nodes(operator, 1, inputs, attributes)[0];
  }

  /** A node with several outputs; returns their names. */
  String[] nodes(String operator, int outputs, String[] inputs, Protobuf... attributes) {
    String[] names = IntStream.range(0, outputs).mapToObj(i -> name()).toArray(String[]::new);
    Protobuf node = new Protobuf().texts(1, inputs).texts(2, names).text(4, operator);
    for (Protobuf attribute : attributes) {
      node.message(5, attribute);
    }
    graph.message(1, node);
    return names;
  }

  /** The input of the graph. */
  String input(String name, int... dims) {
    graph.message(11, value(name, dims));
    return name;
  }

  /** The whole model, whose output is the named value. */
  byte[] model(String output, int... dims) {
    return new Protobuf()
        .number(1, IR_VERSION)
        .message(7, graph.message(12, value(output, dims)))
        .message(8, new Protobuf().text(1, "").number(2, OPSET))
        .toByteArray();
  }

  private static Protobuf value(String name, int... dims) {
    Protobuf shape = new Protobuf();
    for (int d : dims) {
      shape.message(1, new Protobuf().number(1, d));
    }
    Protobuf type = new Protobuf().number(1, FLOAT).message(2, shape);
    return new Protobuf().text(1, name).message(2, new Protobuf().message(1, type));
  }

  private String name() {
    return "v" + names++;
  }
}
