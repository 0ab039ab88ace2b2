// `src/start.js`, whose stop waits as many milliseconds for running runs as the argument says.
import '../../src/compile-cache.js'

const { main } = await import('../../src/main.ts')
await main({ graceMs: Number(process.argv[2]) })
