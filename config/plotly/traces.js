/* The traces that Tierboard's charts are made of (scatter is part of the core). Each further one is parsed by every
   reader's browser before the first chart is drawn: with all of plotly.js-cartesian-dist that takes half as long again. */
const Plotly = require("plotly.js/lib/core");
Plotly.register([require("plotly.js/lib/bar"), require("plotly.js/lib/heatmap")]);
module.exports = Plotly;
