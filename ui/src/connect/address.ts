/** Where this page comes from is where its gateway is. Nothing in a link can name another one (AUTH-01). */
export const pageUrl = new URL("./", location.href);

export const socketUrl = pageUrl.href.replace(/^http/, "ws").replace(/[?#].*$/, "");

/** Takes the secret out of the fragment: neither the address bar nor the history keeps it. */
export function takeTokenFromAddress(): string | undefined {
  const encoded = /^#(?:.*&)?token=([^&]*)/.exec(location.hash)?.[1];
  if (encoded === undefined) return undefined;
  history.replaceState(history.state, "", location.pathname + location.search);
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
