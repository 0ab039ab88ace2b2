import { clipTitle, titleOf } from '../../src/agent/title.ts'
import { findSecrets } from '../../src/secrets/find-secrets.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { agentWords } from '../../src/text/agent-words.ts'
import { looksOnly, runsTests } from '../../src/text/code-checkers.ts'
import { cutText, wholeStart, withoutBrokenEnd, withoutBrokenStart } from '../../src/text/cut-text.ts'
import { forCode, forModel, forPage, forPath } from '../../src/text/hidden-characters.ts'
import { codeSpanParts } from '../../src/text/markdown/code-spans.ts'
import { codeSpan, commandSpan, fenced, inlineCode } from '../../src/text/markdown/fenced.ts'
import { withoutStructure } from '../../src/text/markdown/outbound-blocks.ts'
import { withoutCommandWords } from '../../src/text/markdown/outbound-commands.ts'
import { withoutEffects, withoutMarkup } from '../../src/text/markdown/outbound-inline.ts'
import {
  outboundItem,
  outboundLine,
  outboundMarkdown,
  outboundTitle,
} from '../../src/text/markdown/outbound-markdown.ts'
import { createSafeText } from '../../src/text/markdown/outbound-paragraphs.ts'
import { visibleText } from '../../src/text/markdown/visible-text.ts'
import { parseYaml } from '../../src/text/parse-yaml.ts'
import { readDiff, splitDiff } from '../../src/text/read-diff.ts'
import { commandName, startOfProgram } from '../../src/text/start-of-program.ts'
import { forTerminal, stripTerminalOutput } from '../../src/text/terminal-text.ts'
import { parseCodeRequest, promptField } from '../../src/triggers/code-request.ts'
import { parseCommands } from '../../src/triggers/parse-command.ts'
import { mayHoldToken, readToken } from '../../src/triggers/read-token.ts'
import { diffFiles } from '../../src/web/pages/changes-part.ts'
import { inlineText, link } from '../../src/web/pages/elements.ts'
import { createProse } from '../../src/web/pages/markdown.ts'
import type { LinearCase } from './linear-case.ts'

/** GitHub's limit for comments and issues. */
const COMMENT = 65_536
const PROMPT = 100_000
/** What one diff of a run shows of all files. */
const DIFF = 256 * 1024

const REPOSITORY = { repository: 'acme/shop', mayMention: ['ada'] }
const RULES = { webUrl: 'https://github.com', budgetCapUsd: 1 }
const DIFF_START = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n'

/** A body with every field hostile; that it is refused is what it is for. */
function refuseCode(text: string): unknown {
  const fields = { [text]: 1, prompt: text, repoUrl: `https://github.com/${text}`, model: text, base: text }
  try {
    return parseCodeRequest(fields, RULES)
  } catch (error) {
    return error
  }
}

/** What is refused is refused before it is parsed. */
const yaml = (start: string) => (text: string) => {
  try {
    return parseYaml(start + text.slice(0, 8192 - start.length))
  } catch (error) {
    return error
  }
}

/** Text that people and models write, and what is made of it for GitHub, pages, terminals and models. */
export const TEXT_CASES: readonly LinearCase[] = [
  { file: 'triggers/read-token.ts', name: 'mayHoldToken', limit: COMMENT, work: mayHoldToken },
  { file: 'triggers/read-token.ts', name: 'readToken', limit: COMMENT, work: readToken },
  {
    file: 'triggers/parse-command.ts',
    name: 'a command line',
    limit: COMMENT,
    work: (t) => parseCommands(`/backspace ${t}`),
  },
  {
    file: 'triggers/parse-command.ts',
    name: 'a flag and an agent',
    limit: COMMENT,
    units: [',', '=', ':a', '"', '`', '.!'],
    work: (t) => [parseCommands(`/backspace --a${t}x`), parseCommands(`/backspace --agent a${t}x`)],
  },
  {
    file: 'triggers/parse-command.ts',
    name: 'many flags',
    limit: COMMENT,
    units: [' --agent builtin', ' --plan'],
    work: (t) => parseCommands(`/backspace retry${t}`),
  },
  {
    file: 'text/code-checkers.ts',
    name: 'a command',
    limit: COMMENT,
    units: [' run', 'npm ', ' --noEmit', 'tsc ', 'lint:', '&& ', '; cd ', 'test'],
    work: (t) => [looksOnly(t), looksOnly(`tsc ${t}`), looksOnly(`npm run ${t}`), runsTests(`npx ${t}`)],
  },
  {
    file: 'text/start-of-program.ts',
    name: 'what starts a program',
    limit: COMMENT,
    units: ['env ', 'npx -p ', 'A=1 ', 'uv run -m ', 'python -X ', 'a@1', '/', '.exe'],
    work: (t) => [startOfProgram(t.split(' ')), commandName(t)],
  },
  {
    file: 'text/markdown/scan-markdown.ts',
    name: 'below a command',
    limit: COMMENT,
    work: (t) => parseCommands(`/backspace fix\n\n${t}`),
  },
  {
    file: 'text/markdown/scan-inline.ts',
    name: 'above a command',
    limit: COMMENT,
    work: (t) => parseCommands(`${t}\n/backspace fix`),
  },
  {
    file: 'text/markdown/visible-text.ts',
    name: 'visibleText',
    limit: COMMENT,
    work: (t) => visibleText(`<!-- x -->${t}<!-- y`),
  },
  { file: 'triggers/code-request.ts', name: 'prompt', limit: PROMPT, work: (t) => promptField.safeParse(t) },
  { file: 'triggers/code-request.ts', name: 'the fields of POST /code', limit: PROMPT, work: refuseCode },
  {
    file: 'agent/title.ts',
    name: 'titleOf',
    limit: PROMPT,
    work: (t) => titleOf({ prompt: t } as Parameters<typeof titleOf>[0]),
  },
  { file: 'agent/title.ts', name: 'clipTitle', limit: PROMPT, work: clipTitle },
  { file: 'text/markdown/code-spans.ts', name: 'codeSpanParts', limit: COMMENT, work: codeSpanParts },
  { file: 'text/cut-text.ts', name: 'cutText', limit: DIFF, work: (t) => cutText(t, 4000) },
  { file: 'text/cut-text.ts', name: 'wholeStart', limit: COMMENT, work: (t) => wholeStart(t, t.length - 1) },
  { file: 'text/cut-text.ts', name: 'withoutBrokenEnd', limit: DIFF, work: withoutBrokenEnd },
  { file: 'text/cut-text.ts', name: 'withoutBrokenStart', limit: DIFF, work: withoutBrokenStart },
  { file: 'text/markdown/fenced.ts', name: 'fenced', limit: COMMENT, work: (t) => fenced(t) },
  { file: 'text/markdown/fenced.ts', name: 'codeSpan', limit: COMMENT, work: (t) => codeSpan(t) },
  { file: 'text/markdown/fenced.ts', name: 'commandSpan', limit: COMMENT, work: (t) => commandSpan(t) },
  { file: 'text/markdown/fenced.ts', name: 'inlineCode', limit: COMMENT, work: (t) => inlineCode(t) },
  { file: 'text/hidden-characters.ts', name: 'forModel', limit: PROMPT, work: forModel },
  { file: 'text/hidden-characters.ts', name: 'forCode', limit: COMMENT, work: forCode },
  { file: 'text/hidden-characters.ts', name: 'forPage', limit: COMMENT, work: forPage },
  { file: 'text/hidden-characters.ts', name: 'forPath', limit: 4096, work: forPath },
  {
    file: 'text/markdown/outbound-inline.ts',
    name: 'withoutEffects',
    limit: COMMENT,
    work: (t) => withoutEffects(t, REPOSITORY),
  },
  {
    file: 'text/markdown/outbound-inline.ts',
    name: 'withoutMarkup',
    limit: COMMENT,
    work: (t) => withoutMarkup(t, REPOSITORY),
  },
  {
    file: 'text/markdown/outbound-paragraphs.ts',
    name: 'createSafeText',
    limit: COMMENT,
    work: (t) => createSafeText(REPOSITORY)(t),
  },
  {
    file: 'text/markdown/outbound-markdown.ts',
    name: 'outboundMarkdown',
    limit: 80_000,
    work: (t) => outboundMarkdown(t, REPOSITORY),
  },
  {
    file: 'text/markdown/outbound-markdown.ts',
    name: 'outboundItem',
    limit: DIFF,
    work: (t) => outboundItem(t, REPOSITORY),
  },
  {
    file: 'text/markdown/outbound-markdown.ts',
    name: 'outboundTitle',
    limit: DIFF,
    work: (t) => outboundTitle(t, REPOSITORY),
  },
  {
    file: 'text/markdown/outbound-markdown.ts',
    name: 'outboundLine',
    limit: DIFF,
    work: (t) => outboundLine(t, { ...REPOSITORY, maxChars: 72 }),
  },
  {
    file: 'text/agent-words.ts',
    name: 'agentWords',
    limit: COMMENT,
    work: (t) => agentWords(t, { ...REPOSITORY, maxChars: 20_000 }),
  },
  {
    file: 'text/markdown/outbound-blocks.ts',
    name: 'withoutStructure',
    limit: COMMENT,
    work: (t) => withoutStructure(t.split('\n'), false),
  },
  {
    file: 'text/markdown/outbound-commands.ts',
    name: 'withoutCommandWords',
    limit: COMMENT,
    work: (t) => withoutCommandWords(t, false),
  },
  {
    file: 'text/markdown/outbound-commands.ts',
    name: 'behind a word that may be alone',
    limit: COMMENT,
    work: (t) => withoutCommandWords(`recheck${t}`, false),
  },
  { file: 'text/parse-yaml.ts', name: 'a file', limit: 8192, work: yaml('') },
  { file: 'text/parse-yaml.ts', name: 'a value', limit: 8192, work: yaml('setup: ') },
  { file: 'text/parse-yaml.ts', name: 'a block of text', limit: 8192, work: yaml('a: |\n') },
  { file: 'text/read-diff.ts', name: 'any text', limit: COMMENT, work: readDiff },
  { file: 'text/read-diff.ts', name: 'a hunk', limit: COMMENT, work: (t) => readDiff(`${DIFF_START}${t}`) },
  {
    file: 'text/read-diff.ts',
    name: 'added lines',
    limit: COMMENT,
    work: (t) => readDiff(`${DIFF_START}+${t.replaceAll('\n', '\n+')}`),
  },
  { file: 'text/read-diff.ts', name: 'splitDiff', limit: DIFF, work: splitDiff },
  { file: 'text/terminal-text.ts', name: 'forTerminal', limit: COMMENT, work: forTerminal },
  { file: 'text/terminal-text.ts', name: 'stripTerminalOutput', limit: DIFF, work: stripTerminalOutput },
  {
    file: 'secrets/redact.ts',
    name: 'redact',
    limit: COMMENT,
    work: createRedact(['a-secret-of-this-process']),
  },
  {
    file: 'secrets/find-secrets.ts',
    name: 'findSecrets',
    limit: COMMENT,
    work: (t) => findSecrets(t, { knownSecrets: ['a-secret-of-this-process'] }),
  },
  { file: 'web/pages/elements.ts', name: 'inlineText', limit: COMMENT, work: inlineText },
  { file: 'web/pages/elements.ts', name: 'link', limit: COMMENT, work: (t) => link(`https://${t}`, t) },
  {
    file: 'web/pages/markdown.ts',
    name: 'what an agent wrote',
    limit: 16_384,
    work: (t) => createProse(false)(t),
  },
  {
    file: 'web/pages/changes-part.ts',
    name: 'diffFiles',
    limit: COMMENT,
    work: (t) => diffFiles(`${DIFF_START}${t}`),
  },
]
