import type { Attachment } from "./attach.ts";
import type { Picture } from "./transcript.ts";

export class UnfitFile extends Error {
  readonly file: string;
  readonly why: "type" | "size" | "many";
  constructor(file: string, why: UnfitFile["why"]) {
    super(file);
    this.file = file;
    this.why = why;
  }
}

export const MAX_ATTACHMENTS = 16;
const MAX_TEXT_BYTES = 256 * 1_024;
/** No model looks closer. */
const MAX_SIDE_PX = 2_048;
const AS_IT_IS = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
let lastId = 0;

/** Throws `UnfitFile`. */
export async function readFile(file: File, maxImageBytes: number): Promise<Attachment> {
  const { name } = file;
  const id = ++lastId;
  if (AS_IT_IS.has(file.type)) return { kind: "image", id, name, ...(await picture(file, maxImageBytes)) };
  if (file.size > MAX_TEXT_BYTES) throw new UnfitFile(name, file.type.startsWith("text/") ? "size" : "type");
  return { kind: "text", id, name, text: decode(await file.arrayBuffer(), name) };
}

async function picture(file: File, maxBytes: number): Promise<Picture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new UnfitFile(file.name, "type");
  });
  const scale = Math.min(1, MAX_SIDE_PX / Math.max(bitmap.width, bitmap.height));
  // What moves stays as it is.
  if ((scale === 1 || file.type === "image/gif") && file.size <= maxBytes)
    return { mimeType: file.type, data: await base64(file) };
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")!.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const mimeType = file.type === "image/png" ? "image/png" : "image/jpeg";
  const smaller = await new Promise<Blob | null>((done) => canvas.toBlob(done, mimeType, 0.85));
  if (!smaller || smaller.size > maxBytes) throw new UnfitFile(file.name, "size");
  return { mimeType, data: await base64(smaller) };
}

async function base64(blob: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
  });
  reader.readAsDataURL(blob);
  return (await read).replace(/^[^,]*,/, "");
}

function decode(bytes: ArrayBuffer, name: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // No text: told below.
  }
  throw new UnfitFile(name, "type");
}
