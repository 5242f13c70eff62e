declare const __OPENCLAW_VERSION__: string | undefined;
declare const __OPENCLAW_COMMIT__: string | undefined;

/** Calendar version; the bundler fills in the package's version, unbuilt sources fall back to this one. */
export const PRODUCT_VERSION: string =
  typeof __OPENCLAW_VERSION__ === "string" ? __OPENCLAW_VERSION__ : "2026.11.1";

/** Short commit id of the build, "source" when run unbuilt. */
export const BUILD_COMMIT: string = typeof __OPENCLAW_COMMIT__ === "string" ? __OPENCLAW_COMMIT__ : "source";
