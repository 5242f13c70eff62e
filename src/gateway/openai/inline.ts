import { type AgentRequest, invalid } from "./agent-request.ts";

/** Only data inside the request: an address to fetch would let a caller send the gateway anywhere (HTTP-01). */
export function inlineImage(url: string): AgentRequest["images"][number] {
  const match = /^data:(image\/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})$/.exec(url);
  if (!match) throw invalid("`image_url` takes data URLs only (png, jpeg, gif or webp, base64).");
  return { type: "image", mimeType: match[1]!, data: match[2]! };
}

export interface InlineFile {
  filename?: string | null | undefined;
  file_data?: string | null | undefined;
  file_url?: string | null | undefined;
  file_id?: string | null | undefined;
}

export interface ReadContent {
  text: string;
  images: AgentRequest["images"];
}

const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_FILE_CHARS = 200_000;
const TEXT_TYPE = /^(text\/[\w.+-]+|application\/(json|xml|yaml|x-yaml|javascript|toml|x-sh))$/;
const TEXT_NAME =
  /\.(txt|md|markdown|csv|tsv|json|jsonl|xml|ya?ml|toml|ini|log|html?|css|[cm]?[jt]sx?|py|rb|go|rs|java|kt|c|h|cpp|cs|sh|sql)$/i;
const IMAGE_TYPE = /^image\/(png|jpeg|gif|webp)$/;

/** A text becomes part of the message, under its name; a picture is looked at. Anything else is said to be unreadable. */
export function inlineFile({ filename, file_data, file_url, file_id }: InlineFile): ReadContent {
  if (file_url)
    throw invalid("`input_file` takes `file_data` only: the gateway fetches nothing for a caller.");
  if (file_id) throw invalid("`input_file` takes `file_data` only: the gateway keeps no files.");
  const name = (filename ?? "file").replaceAll(/[\p{C}\r\n]/gu, "").slice(0, 200) || "file";
  const [, type, plain] =
    /^data:([\w.+/-]+)(?:;charset=[\w-]+)?;base64,([\s\S]*)$/i.exec(file_data ?? "") ?? [];
  const encoded = plain ?? file_data ?? "";
  if (encoded === "" || !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(encoded))
    throw invalid("`file_data` has to be a base64 data URL, for example data:text/plain;base64,…");
  if (encoded.length > (MAX_FILE_BYTES * 4) / 3 + 4) throw invalid(`The file '${name}' is larger than 5 MB.`);
  if (type && IMAGE_TYPE.test(type))
    return { text: "", images: [{ type: "image", mimeType: type, data: encoded }] };
  const known =
    type === undefined || type === "application/octet-stream" ? TEXT_NAME.test(name) : TEXT_TYPE.test(type);
  const text = known ? decode(encoded) : undefined;
  if (text === undefined)
    throw invalid(
      `The file '${name}' (${type ?? "type unknown"}) is no text: send its text, or pages of it as images.`,
    );
  const cut = text.length > MAX_FILE_CHARS ? `\n[cut after ${MAX_FILE_CHARS} characters]` : "";
  return {
    text: `[file ${name}]\n${text.slice(0, MAX_FILE_CHARS)}${cut}\n[end of file ${name}]`,
    images: [],
  };
}

function decode(encoded: string): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(encoded, "base64"));
  } catch {
    return undefined;
  }
}

/** Several parts of one message as one. */
export function joinContent(parts: readonly ReadContent[]): ReadContent {
  return {
    text: parts
      .map(({ text }) => text)
      .filter((text) => text !== "")
      .join("\n"),
    images: parts.flatMap(({ images }) => images),
  };
}
