import type { Provider, ProviderFactory, ProviderServices } from "./provider.ts";

/** Adapters by the name in `ModelTarget.api`; each is made when it is first asked for. */
export function createProviders(
  factories: readonly ProviderFactory[],
  services: ProviderServices,
): (api: string) => Provider | undefined {
  const byApi = new Map(factories.map((factory) => [factory.api, factory]));
  const made = new Map<string, Provider>();
  return (api) => {
    const existing = made.get(api);
    if (existing) return existing;
    const provider = byApi.get(api)?.create(services);
    if (provider) made.set(api, provider);
    return provider;
  };
}
