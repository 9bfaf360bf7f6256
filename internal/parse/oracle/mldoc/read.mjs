// Reads one JSON string a line, a Markdown text, and writes one JSON object a
// line: what Logseq's parser sees in it, by the reference rules of its graph
// parser. Used by the differential tests only.
import { createInterface } from "node:readline";
import { writeSync } from "node:fs";
import mldoc from "mldoc";

const config = JSON.stringify({
  toc: false, parse_outline_only: false, heading_number: false, keep_line_break: true,
  format: "Markdown", heading_to_list: false, exporting_keep_properties: true,
  inline_type_with_pos: false, inline_skip_macro: false,
  export_md_indent_style: "dashes", export_md_remove_options: [],
});

const isTyped = (node, type) => Array.isArray(node) && node[0] === type;
const between = (text, open, close) =>
  text.startsWith(open) && text.endsWith(close) && text.length > open.length + close.length
    ? text.slice(open.length, -close.length) : null;

// plain is the text of inline nodes, references with their brackets.
function plain(nodes) {
  return nodes.map((node) => {
    if (isTyped(node, "Link")) return node[1].full_text;
    if (isTyped(node, "Nested_link")) return node[1].content;
    return typeof node[1] === "string" ? node[1] : "";
  }).join("");
}

function link(node, seen) {
  const [type, value] = node.url;
  switch (type) {
    case "Page_ref":
      seen.links.push(value);
      break;
    case "Block_ref":
      seen.blockRefs.push(value);
      break;
    case "File":
    case "Search": {
      const page = between(value, "[[", "]]");
      if (page !== null) seen.links.push(page);
      else seen.files.push(value);
    }
  }
}

function macro(node, seen) {
  seen.macros.push(node.name);
  if (node.name.toLowerCase() !== "embed") return;
  const argument = node.arguments.join(", ").trim();
  const page = between(argument, "[[", "]]");
  const block = between(argument, "((", "))");
  if (page !== null) seen.links.push(page);
  if (block !== null) seen.blockRefs.push(block);
}

// walk visits every inline and block node below node.
function walk(node, seen) {
  if (!Array.isArray(node)) {
    if (node !== null && typeof node === "object") Object.values(node).forEach((child) => walk(child, seen));
    return;
  }
  switch (node[0]) {
    case "Link":
      link(node[1], seen);
      walk(node[1].label, seen);
      return;
    case "Nested_link":
      seen.links.push(node[1].content.slice(2, -2));
      seen.nested++;
      nested(node[1].children, seen);
      return;
    case "Tag":
      seen.tags.push(plain(node[1]));
      return;
    case "Macro":
      macro(node[1], seen);
      return;
    case "Src":
      seen.fences.push((node[1].language ?? "").split(/\s/)[0].toLowerCase());
      return;
    case "Directive":
      directive(node[1], node[2], seen);
      return;
    case "Property_Drawer":
      properties(node[1], seen);
      return;
  }
  node.forEach((child) => walk(child, seen));
}

function nested(children, seen) {
  for (const child of children) {
    if (!isTyped(child, "Nested_link")) continue;
    const inner = Array.isArray(child[1]) ? child[1][0] : child[1];
    seen.links.push(inner.content.slice(2, -2));
    nested(inner.children, seen);
  }
}

function properties(list, seen) {
  const into = seen.first ? seen.page : seen.block;
  for (const [key, value] of list) {
    if (seen.top) into.push([key, value]);
    valueReferences(value, seen); // mldoc's own list lacks those of "#+key: value"
  }
}

// valueReferences walks what a property's value refers to.
const valueReferences = (value, seen) =>
  JSON.parse(mldoc.Mldoc.getReferences(value, config)).forEach((reference) => walk(reference, seen));

// directive is a property of the page only outside of other blocks.
function directive(key, value, seen) {
  if (!seen.outside) return;
  seen.page.push([key, value]);
  valueReferences(value, seen);
}

const isBlank = (block) => isTyped(block, "Paragraph") && block[1].every((node) =>
  isTyped(node, "Break_Line") || (isTyped(node, "Plain") && node[1].trim() === ""));

function read(text) {
  const seen = {
    links: [], tags: [], blockRefs: [], files: [], macros: [], fences: [], page: [], block: [],
    nested: 0, first: true, top: true, outside: true,
  };
  for (const [block] of JSON.parse(mldoc.Mldoc.parseJson(text, config))) {
    seen.top = isTyped(block, "Property_Drawer");
    seen.outside = isTyped(block, "Directive");
    walk(block, seen);
    // Properties right after front matter or directives are meant for the page.
    if (!isBlank(block) && !seen.outside) seen.first = false;
  }
  return seen;
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = read(JSON.parse(line));
  } catch (error) {
    answer = { failed: String(error) };
  }
  writeSync(1, JSON.stringify(answer) + "\n");
}
