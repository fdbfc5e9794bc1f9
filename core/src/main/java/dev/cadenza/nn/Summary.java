package dev.cadenza.nn;

import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a network is made of: a row a layer, outer layers first, with the output shape for a given
 * input. Printed as a table.
 */
public record Summary(List<Row> rows, int parameters) {
  /**
   * One layer.
   *
   * @param name the key of the layer, empty for the whole network
   * @param layer the layer with its settings
   * @param output the shape of its output
   * @param parameters the number of trained numbers in it and below
   */
  public record Row(String name, String layer, Shape output, int parameters) {}

  static Summary of(Layer network, Shape input) {
    Map<Layer, Shape> outputs = new IdentityHashMap<>();
    network.forward(
        Tensor.zeros(input.dims()),
        Pass.eval().observedBy((layer, y) -> outputs.put(layer, y.shape())));
    List<Row> rows = new ArrayList<>();
    network.walk(
        (prefix, layer) -> {
          Shape output = outputs.get(layer);
          if (output != null) {
            String name = prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1);
            rows.add(new Row(name, layer.toString(), output, layer.parameterCount()));
          }
        });
    return new Summary(List.copyOf(rows), network.parameterCount());
  }

  @Override
  public String toString() {
    int name = width("layer", rows.stream().map(Row::name).toList());
    int kind = width("kind", rows.stream().map(Row::layer).toList());
    int shape = width("output", rows.stream().map(r -> r.output().toString()).toList());
    String format = "%-" + name + "s  %-" + kind + "s  %-" + shape + "s  %12s%n";
    StringBuilder table = new StringBuilder();
    table.append(String.format(Locale.ROOT, format, "layer", "kind", "output", "parameters"));
    for (Row r : rows) {
      String count = r.parameters() == 0 ? "-" : String.format(Locale.ROOT, "%,d", r.parameters());
      table.append(String.format(Locale.ROOT, format, r.name(), r.layer(), r.output(), count));
    }
    return table.append(String.format(Locale.ROOT, "total %,d parameters", parameters)).toString();
  }

  private static int width(String title, List<String> cells) {
    return cells.stream().mapToInt(String::length).reduce(title.length(), Math::max);
  }
}
