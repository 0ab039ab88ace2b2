/** Zero-width space. It splits a word for every program that looks for the word, and is not displayed. */
export const SPLIT = '\u200b'

/**
 * Makes words inert with which commit messages, bodies and comments control CI, bots and releases. A reader sees no
 * difference. Idempotent, linear.
 *
 * Most of these bots read the raw text, including code and quotations, and a squash merge turns a pull request's body
 * into a commit message. So code is treated as well, except for what may be an index (`rows[ci - 1]`).
 *
 * `BREAKING CHANGE:` and `feat!:` stay: they are the honest word for a change, and a person reads them before the
 * merge.
 */
export function withoutCommandWords(text: string, isCode: boolean): string {
  return text
    .replace(/\[[\w .:/-]{2,60}\]/g, (tag) => withoutSkipTag(tag, isCode))
    .replace(/(?<![A-Za-z0-9])N(?=O_CI(?![A-Za-z0-9]))/gi, `$&${SPLIT}`)
    .replace(/(?<![A-Za-z0-9])ci(?=\.(?:skip|variable)\b)/gi, `$&${SPLIT}`)
    .replace(TRAILER, `$&${SPLIT}`)
    .replace(
      /(?<![A-Za-z0-9])(?:BEGIN|END)(?=_(?:COMMIT_OVERRIDE|NESTED_COMMIT|COMMIT_MESSAGE))/gi,
      `$&${SPLIT}`,
    )
    .replace(AUTOSQUASH, `$&${SPLIT}`)
    .replace(CLOSING_KEYWORD, split)
    .replace(
      /#(?=(?:close|resolve|start|done|time|comment|reopen|assign|transition)(?![\w-]))/gi,
      `$&${SPLIT}`,
    )
    .replace(PHRASES, split)
    .replace(ALONE, (_, indent: string, word: string) => `${indent}${split(word)}`)
    .replace(
      /(?<![\w./:@-])\/(?=(?:oc|opencode|gemini|claude|codex|cursor|copilot|qodo|cr)(?![\w/.-]))/gi,
      `/${SPLIT}`,
    )
    .replace(BOTS, `@${SPLIT}`)
}

/**
 * Makes a line of code inert that is nothing but a command to another App, such as `/merge` or `!deploy`: Apps read raw
 * text.
 */
export function withoutCommand(line: string): string {
  const command =
    /^\s*(?:\/(?=[A-Za-z][\w-]*(?:\s|$))|!(?=(?:deploy|merge|release|approve|build|test|ship|lgtm)(?:\s|$)))/
  return line.replace(command, `$&${SPLIT}`)
}

function split(word: string): string {
  return `${word.slice(0, 1)}${SPLIT}${word.slice(1)}`
}

/** `[skip ci]`, `[ci-skip]`, `[no ci]`, `[CF-Pages-Skip]`, `[skip netlify]`, `[preview deploy]`. */
function withoutSkipTag(tag: string, isCode: boolean): string {
  const words = tag.match(/[A-Za-z]+/g) ?? []
  if (words.length < 2 && !/^\[\s*(?:skip|skipci|ciskip|noci|nodeploy)\s*\]$/i.test(tag)) return tag
  const steering = isCode
    ? /(?<![A-Za-z])(?:skip|no)(?![A-Za-z])|skipci|ciskip/gi
    : /(?<![A-Za-z])(?:skip|no|ci|cd|deploy|preview|release|nodeploy|noci)(?![A-Za-z])|skipci|ciskip/gi
  return tag.replace(steering, split)
}

/** Lines at the end of a commit message on which git, GitHub, Gerrit and release tools act. */
const TRAILER =
  /^[ \t>]*(?:[a-z]{2,20}(?:-[a-z]{2,20})?-by|on-behalf-of|skip-[\w-]{1,30}|backspace-[\w-]{1,30}|release-as|change-id|depends-on|auto-submit|commit-queue|merge-[\w-]{1,30}|cq-[\w-]{1,30}|git-[\w-]{1,30}|semver-type)(?=[ \t]*:)/gim

/** Beginnings of subjects that make `git rebase --autosquash` fold the commit into another one. */
const AUTOSQUASH = /^(?:fixup|squash|amend|rebase|drop)(?=!)/gim

/** Words that close an issue or a ticket when the commit or pull request with them is merged. */
const CLOSING_KEYWORD =
  /(?<![A-Za-z0-9])(close[sd]?|closing|fix(?:e[sd]|ing)?|resolve[sd]?|resolving|complete[sd]?|completing|implement(?:s|ed|ing)?)(?=(?:&[a-z0-9#]{1,10};|[^A-Za-z0-9&]|&(?![a-z0-9#]{1,10};)){1,20}(?:&?#\d|GH-\d|AB#\d|[A-Z][A-Z0-9]{1,9}-\d|[\w.-]{1,100}\/[\w.-]{1,100}#\d|https?:\/\/\S{1,300}?\/(?:issues?|pulls?|discussions|browse|work_items)\/[A-Z\d]))/gi

/** Commands of merge, infrastructure and CI bots that need no mark in front of them. */
const PHRASES =
  /(?<![\w-])(?:(?:bors|homu)(?=:?[ \t]+(?:r[+=-]|try|retry|d[+=-]|delegate|merge|ping|p=|single|cancel|rollup|ack))|atlantis(?=[ \t]+(?:apply|plan|unlock|approve|import|state|destroy))|(?:digger|terrateam|env0|spacelift|infracost|tfc)(?=[ \t]+(?:apply|plan|unlock|lock|deploy|merge|destroy))|(?:re)?test(?=[ \t]+this(?:[ \t]|$))|(?:build|merge|run|deploy)(?=[ \t]+this[ \t]+please)|ok(?=[ \t]+to[ \t]+test)|pre-commit\.ci(?=[ \t]+(?:autofix|run))|cla-assistant(?=[ \t]+(?:check|rerun))|hereby(?=[ \t]+sign[ \t]+the)|add(?=[ \t]+to[ \t]+(?:whitelist|allowlist)))/gim

/** Words that are commands if nothing else is on their line. */
const ALONE =
  /^([ \t>]*)(recheck|reverify|retest|regate|rebase|shipit|ship it|lgtm|merge it|run tests)(?=[ \t!.]*$)/gim

/** Apps that react to their name anywhere, even in code. */
const BOTS =
  /@(?=(?:dependabot|renovate(?:bot)?|mergify(?:io)?|bors|homu|rust-?bot|rustbot|kodiak(?:hq)?|coderabbit(?:ai)?|sourcery-ai|greptile(?:ai)?|ellipsis(?:-dev)?|qodo(?:-ai)?|codiumai|pr-agent|claude|codex|copilot|gemini(?:-cli|-code-assist)?|cursor(?:agent)?|bugbot|devin(?:-ai)?(?:-integration)?|openhands(?:-agent)?|sweep-?ai|jules|windsurf|opencode|k8s-ci-robot|prow|tide|semantic-release-bot|release-please|changeset-bot|allcontributors|all-contributors|imgbot|snyk(?:-bot)?|vercel|netlify|codecov|azure-pipelines|dosubot|probot|meta-codesync|facebook-github-bot|pytorchbot|pytorchmergebot|miss-islington|bedevere-bot|meeseeksdev|nixos-bot|ofborg|graphite-app|trunk-io|linear|swarmia|cla-assistant|backportbot|whitesource)\b)/gi
