import { computed, signal } from "@preact/signals";
import { call, whenFresh } from "../connect/link.ts";

export interface Model {
  id: string;
  name: string;
  provider: string;
  contextWindow?: number;
  tags: string[];
  available: boolean;
}

export const models = signal<readonly Model[]>([]);
export const standardModel = computed(() => models.value.find(({ tags }) => tags.includes("default")));

export function refOf({ provider, id }: Model): string {
  return `${provider}/${id}`;
}

export async function loadModels(): Promise<void> {
  models.value = (await call<{ models: Model[] }>("models.list")).models;
}
whenFresh(() => void loadModels().catch(() => {}));
