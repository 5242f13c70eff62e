import { requireOpenAi } from "../../openai/enabled.ts";
import { defineRoute } from "../../route.ts";

/** Vectors for texts; loaded when somebody first asks for some (protocol.md §11.3). */
export default defineRoute({
  paths: ["/v1/embeddings"],
  methods: ["POST"],
  auth: "bearer",
  maxBodyBytes: 20 * 1024 * 1024,
  async run(context) {
    requireOpenAi(context.services, "any");
    const { answerEmbeddings } = await import("../../openai/embeddings.ts");
    await answerEmbeddings(context);
  },
});
