package dev.cadenza.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the JSON of golden files: objects as maps, arrays as lists, numbers as doubles. Trusts what
 * it reads.
 */
final class Json {
  static final Object NULL = new Object();

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Map<String, Object> object(byte[] utf8) {
    return object(new String(utf8, StandardCharsets.UTF_8));
  }

  static Map<String, Object> object(String text) {
    return object(new Json(text).value());
  }

  @SuppressWarnings("unchecked") // the keys of what value() makes are strings
  static Map<String, Object> object(Object value) {
    return (Map<String, Object>) value;
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> map();
      case '[' -> list();
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", NULL);
      default -> number();
    };
  }

  private Map<String, Object> map() {
    Map<String, Object> map = new LinkedHashMap<>();
    at++;
    while (peek() != '}') {
      String key = string();
      peek();
      at++; // the colon
      map.put(key, value());
      skipComma();
    }
    at++;
    return map;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    at++;
    while (peek() != ']') {
      list.add(value());
      skipComma();
    }
    at++;
    return list;
  }

  private void skipComma() {
    if (peek() == ',') {
      at++;
      peek();
    }
  }

  private String string() {
    StringBuilder s = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\') {
        at++; // the files escape quotes alone
      }
      s.append(text.charAt(at));
    }
    at++;
    return s.toString();
  }

  private Object word(String word, Object value) {
    at += word.length();
    return value;
  }

  private Double number() {
    int from = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return Double.valueOf(text.substring(from, at));
  }

  private char peek() {
    while (Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return text.charAt(at);
  }
}
