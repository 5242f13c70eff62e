import {
  type Component,
  Container,
  Editor,
  Markdown,
  type MarkdownTheme,
  matchesKey,
  ProcessTerminal,
  type SelectListTheme,
  Spacer,
  Text,
  TuiMainScreen,
  truncateToWidth,
} from "@earendil-works/pi-tui";
import { type Paint, paint } from "../io.ts";
import type { Entry } from "./transcript.ts";

/** The terminal: a transcript that scrolls away upwards, one line of state, an input. */
export interface Screen {
  /** Draws what is new or has changed. */
  show(entries: readonly Entry[]): void;
  status(line: string): void;
  readonly input: { get(): string; set(text: string): void };
  stop(): void;
}

export interface ScreenInput {
  title: string;
  color: boolean;
  onSubmit(text: string): void;
  onEscape(): void;
  /** Ctrl+C with an empty input, or Ctrl+D. */
  onQuit(): void;
}

export function openScreen({ title, color, onSubmit, onEscape, onQuit }: ScreenInput): Screen {
  const style = paint(color);
  const tui = new TuiMainScreen(new ProcessTerminal());
  const log = new Container();
  const status = new OneLine();
  const editor = new Editor(tui, { borderColor: style.dim, selectList: selectTheme(style) }, { paddingX: 1 });
  const shown = new Map<string, { entry: string; component: Text | Markdown }>();

  tui.addChild(new Text(style.dim(title), 1, 0));
  tui.addChild(log);
  tui.addChild(new Spacer(1));
  tui.addChild(status);
  tui.addChild(editor);
  tui.setFocus(editor);
  editor.onSubmit = (text) => {
    if (text.trim() === "") return;
    editor.addToHistory(text);
    onSubmit(text.trim());
  };
  tui.addInputListener((key) => {
    if (matchesKey(key, "escape") && !editor.isShowingAutocomplete()) {
      onEscape();
      return { consume: true };
    }
    const interrupts = matchesKey(key, "ctrl+c");
    if (!interrupts && !(matchesKey(key, "ctrl+d") && editor.getText() === "")) return undefined;
    // As in a shell: the first one throws away what is being typed.
    if (interrupts && editor.getText() !== "") editor.setText("");
    else onQuit();
    return { consume: true };
  });
  tui.start();

  function show(entries: readonly Entry[]): void {
    const ids = new Set(entries.map(({ id }) => id));
    if ([...shown.keys()].some((id) => !ids.has(id))) {
      log.clear();
      shown.clear();
    }
    for (const entry of entries) {
      const known = shown.get(entry.id);
      const text = dressed(entry, style);
      if (!known) {
        const component = entry.kind === "assistant" ? markdown(text, style) : new Text(text, 1, 0);
        log.addChild(new Spacer(entry.kind === "tool" || entry.kind === "note" ? 0 : 1));
        log.addChild(component);
        shown.set(entry.id, { entry: text, component });
      } else if (known.entry !== text) {
        known.entry = text;
        known.component.setText(text);
      }
    }
    tui.requestRender();
  }

  return {
    show,
    status(line) {
      status.text = style.dim(line);
      tui.requestRender();
    },
    input: { get: () => editor.getExpandedText(), set: (text) => editor.setText(text) },
    stop() {
      status.text = "";
      tui.stop();
    },
  };
}

/** Cut, never wrapped: what is below must not jump. */
class OneLine implements Component {
  text = "";
  render(width: number): string[] {
    return [truncateToWidth(` ${this.text}`, width)];
  }
  invalidate(): void {}
}

function dressed({ kind, text }: Entry, style: Paint): string {
  switch (kind) {
    case "user":
      return style.bold(`› ${text}`);
    case "tool":
      return style.dim(`· ${text}`);
    case "note":
      return style.yellow(text);
    case "assistant":
      return text;
  }
}

const asIs = (text: string) => text;

function markdown(text: string, style: Paint): Markdown {
  const theme: MarkdownTheme = {
    heading: style.bold,
    link: asIs,
    linkUrl: style.dim,
    code: style.green,
    codeBlock: asIs,
    codeBlockBorder: style.dim,
    quote: style.dim,
    quoteBorder: style.dim,
    hr: style.dim,
    listBullet: style.dim,
    bold: style.bold,
    italic: asIs,
    strikethrough: asIs,
    underline: asIs,
  };
  return new Markdown(text, 1, 0, theme, undefined, { renderLatex: false });
}

function selectTheme(style: Paint): SelectListTheme {
  return {
    selectedPrefix: style.green,
    selectedText: style.bold,
    description: style.dim,
    scrollInfo: style.dim,
    noMatch: style.dim,
  };
}
