/** Options of `vp run` for a script of one package: `-w` is the one at the root. */
const PLAIN = /^(?:--(?:cache|no-cache|verbose|workspace-root)|-w)$/
const IN_EACH = /^(?:-r|--recursive)$/

/**
 * Turns a command of a program that works with every package manager into one that people know: `nr test` of @antfu/ni and
 * `vp run test` of Vite+ into `npm run test`, `vp exec vitest run` into `npx vitest run`. CI has these programs installed for
 * the machine, which a sandbox has not; the manager of the repository is chosen later. `vp test` stays: packages that use it
 * depend on `vite-plus`. https://viteplus.dev/guide/
 *
 * @returns undefined for any other command.
 */
export function withoutLauncher([program, ...rest]: readonly string[]): readonly string[] | undefined {
  if (program === 'nr') return rest.length > 0 ? ['npm', 'run', ...rest] : undefined
  if (program === 'vpr') return scriptWords(rest)
  if (program === 'vpx') return ['npx', ...rest]
  if (program !== 'vp') return undefined
  const [command, ...inner] = rest
  if (command === 'run') return scriptWords(inner)
  if (command === 'exec') return ['npx', ...(inner[0] === '--' ? inner.slice(1) : inner)]
  return command === 'node' ? ['node', ...inner] : undefined
}

/** Undefined for a task of a package that the line names: `vp run web#build`, `vp run --filter web build`. */
function scriptWords(words: readonly string[]): readonly string[] | undefined {
  const start = words.findIndex((word) => !PLAIN.test(word) && !IN_EACH.test(word))
  const name = words[start]
  if (name === undefined || !/^\w[\w:.-]*$/.test(name)) return undefined
  const given = words.slice(start + 1)
  // Only pnpm has one command for this in all its versions.
  if (words.slice(0, start).some((word) => IN_EACH.test(word))) return ['pnpm', '-r', 'run', name, ...given]
  return ['npm', 'run', name, ...(given.length > 0 && given[0] !== '--' ? ['--'] : []), ...given]
}
