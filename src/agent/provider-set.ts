import type { ModelCall, Provider, ProviderEvent, ProviderFactory, ProviderServices } from "./provider.ts";

/** Adapters by the name in `ModelTarget.api`. */
export type ProviderEntries = Readonly<Record<string, () => Promise<{ default: ProviderFactory }>>>;

/** Each adapter is loaded with its first call and made once. */
export function createProviders(
  entries: ProviderEntries,
  services: ProviderServices,
): (api: string) => Provider | undefined {
  const made = new Map<string, Provider>();
  return (api) => {
    const existing = made.get(api);
    if (existing) return existing;
    const load = Object.hasOwn(entries, api) ? entries[api] : undefined;
    const provider = load && lazy(api, load, services);
    if (provider) made.set(api, provider);
    return provider;
  };
}

function lazy(api: string, load: ProviderEntries[string], services: ProviderServices): Provider {
  let loaded: Provider | undefined;
  async function* first(call: ModelCall, signal: AbortSignal): AsyncGenerator<ProviderEvent> {
    const { default: factory } = await load();
    loaded ??= factory.create(services);
    yield* loaded.call(call, signal);
  }
  return { api, call: (call, signal) => (loaded ?? { call: first }).call(call, signal) };
}
