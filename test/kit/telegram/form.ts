/** A file that came in with a form. */
export interface FormFile {
  name: string;
  mimeType: string;
  data: Buffer;
}

/** Parameters as Telegram takes them: JSON, a form, or the query of the URL; never more than one level deep. */
export interface Form {
  fields: Record<string, unknown>;
  files: Map<string, FormFile>;
}

export function readForm(contentType: string, body: Buffer, query: URLSearchParams): Form {
  const form: Form = { fields: Object.fromEntries(query), files: new Map() };
  if (contentType.startsWith("application/json")) {
    Object.assign(form.fields, body.length > 0 ? JSON.parse(body.toString()) : {});
  } else if (contentType.startsWith("application/x-www-form-urlencoded")) {
    Object.assign(form.fields, Object.fromEntries(new URLSearchParams(body.toString())));
  } else if (contentType.startsWith("multipart/form-data")) {
    readMultipart(contentType, body, form);
  }
  return form;
}

function readMultipart(contentType: string, body: Buffer, form: Form): void {
  const [, boundary] = /boundary="?([^";]+)/.exec(contentType) ?? [];
  if (!boundary) throw new Error("multipart without a boundary");
  const text = body.toString("latin1");
  const parts = text.split(`--${boundary}`);
  if (parts.at(-1)?.trim() !== "--") throw new Error("multipart without its end");
  for (const part of parts.slice(1, -1)) {
    const split = part.indexOf("\r\n\r\n");
    const head = Buffer.from(part.slice(0, split), "latin1").toString();
    const data = Buffer.from(part.slice(split + 4, -2), "latin1");
    const [, name = ""] = /[; ]name="([^"]*)"/.exec(head) ?? [];
    const [, quoted, bare] = /filename=(?:"([^"]*)"|([^;\r\n]*))/.exec(head) ?? [];
    const fileName = quoted ?? bare;
    const [, mimeType = ""] = /content-type:\s*([^\r\n]+)/i.exec(head) ?? [];
    if (fileName === undefined) form.fields[name] = data.toString();
    else form.files.set(name, { name: fileName, mimeType, data });
  }
}

/** Values of forms are text even where they stand for something else. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^[[{]|^(true|false|-?\d+)$/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
