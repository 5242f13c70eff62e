export interface KnownProvider {
  /** Variables that may hold the key; the first one that is set counts. */
  envNames: readonly [string, ...string[]];
  baseUrl: string;
  api: "openai-completions" | "openai-responses" | "anthropic-messages";
  /** True where servers at other addresses that go by this name speak the same. */
  speaksEverywhere?: true;
  /** Taken when only a key is known. */
  defaultModel: string;
  compat?: Readonly<Record<string, unknown>>;
}

export interface LocalServer {
  /** As people call it. */
  title: string;
  port: number;
}

/** Services that need a key and nothing else, in the order in which a key in the environment is preferred. */
export const KNOWN_PROVIDERS: Readonly<Record<string, KnownProvider>> = {
  anthropic: {
    envNames: ["ANTHROPIC_API_KEY"],
    baseUrl: "https://api.anthropic.com/v1",
    api: "anthropic-messages",
    speaksEverywhere: true,
    defaultModel: "claude-sonnet-5",
  },
  openai: {
    envNames: ["OPENAI_API_KEY"],
    baseUrl: "https://api.openai.com/v1",
    api: "openai-responses",
    defaultModel: "gpt-5.5",
    compat: { maxTokensField: "max_completion_tokens" },
  },
  openrouter: {
    envNames: ["OPENROUTER_API_KEY"],
    baseUrl: "https://openrouter.ai/api/v1",
    api: "openai-completions",
    defaultModel: "openrouter/auto",
  },
  google: {
    envNames: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
    baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
    api: "openai-completions",
    defaultModel: "gemini-3.8-flash",
  },
  groq: {
    envNames: ["GROQ_API_KEY"],
    baseUrl: "https://api.groq.com/openai/v1",
    api: "openai-completions",
    defaultModel: "openai/gpt-oss-120b",
  },
  mistral: {
    envNames: ["MISTRAL_API_KEY"],
    baseUrl: "https://api.mistral.ai/v1",
    api: "openai-completions",
    defaultModel: "mistral-medium-latest",
    // Answers 422 extra_forbidden to stream_options, and reports usage without being asked.
    compat: { supportsUsageInStreaming: false },
  },
  xai: {
    envNames: ["XAI_API_KEY"],
    baseUrl: "https://api.x.ai/v1",
    api: "openai-completions",
    defaultModel: "grok-4.5",
  },
  deepseek: {
    envNames: ["DEEPSEEK_API_KEY"],
    baseUrl: "https://api.deepseek.com/v1",
    api: "openai-completions",
    defaultModel: "deepseek-flash",
  },
};

/** Model servers people run on their own machine, with their usual ports, in order of preference. */
export const LOCAL_SERVERS: Readonly<Record<string, LocalServer>> = {
  ollama: { title: "Ollama", port: 11434 },
  lmstudio: { title: "LM Studio", port: 1234 },
  vllm: { title: "vLLM", port: 8000 },
  llamacpp: { title: "llama.cpp", port: 8080 },
};

export function localBaseUrl(port: number): string {
  return `http://127.0.0.1:${port}/v1`;
}
