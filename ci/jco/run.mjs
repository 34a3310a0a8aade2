// Runs a component as a command: node run.mjs COMPONENT ARGUMENTS..
//
// jco makes JavaScript of it first, in the folder COMPONENT.jco, unless that was done before.
// The module must lie beside the packages of jco: ci/lab.sh copies it there.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [, self, component] = process.argv;
const name = basename(component, '.wasm');
const folder = `${component}.jco`;
const program = join(folder, `${name}.js`);

if (process.env.JCO_TRANSPILE) {
    rmSync(folder, { recursive: true, force: true });
    const { transpile, writeFiles } = await import('@bytecodealliance/jco-transpile');
    const { files } = await transpile(component, { outDir: folder, name });
    await writeFiles(files);
    // The program's imports are found from its own folder.
    symlinkSync(fileURLToPath(new URL('node_modules', import.meta.url)), join(folder, 'node_modules'));
    process.exit(0);
}
if (!existsSync(program) || statSync(program).mtimeMs < statSync(component).mtimeMs) {
    // In a process of its own: jco is a component too, whose host would keep these arguments.
    const options = { env: { ...process.env, JCO_TRANSPILE: '1' }, stdio: 'inherit' };
    const { status } = spawnSync(process.execPath, [self, component], options);
    if (status !== 0) {
        process.exit(1);
    }
}
// The component's arguments begin with its own name.
process.argv.splice(1, 2, name);
try {
    await (await import(pathToFileURL(program))).run.run();
} catch (error) {
    console.error(error);
    process.exit(1);
}
// What was printed is written by a thread, which this lets finish.
await new Promise((resolve) => setTimeout(resolve));
process.exit(0);
