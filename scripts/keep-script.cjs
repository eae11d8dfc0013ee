// For code-cache.mjs: keeps the script that the program is run as, and writes what has been compiled of it when it is told where to.
const { writeFileSync } = require('node:fs');
const vm = require('node:vm');

vm.Script = class extends vm.Script {
  constructor(...args) {
    super(...args);
    process.once('message', (file) => {
      writeFileSync(file, this.createCachedData());
      process.exit();
    });
  }
};
