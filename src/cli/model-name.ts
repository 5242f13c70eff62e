/** "openai/gpt-5 (agents.defaults.model)": the model and where it was found. */
export function modelName(model: {
  provider: string;
  model: string;
  source?: string;
  detail?: string;
}): string {
  const name = `${model.provider}/${model.model}`;
  if (model.source === "demo") return `${name}: a built-in demo, no language model (${model.detail})`;
  return model.detail ? `${name} (${model.detail})` : name;
}
