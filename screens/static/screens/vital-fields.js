// The vitals by name, and the fields of a set in the order a cuff shows them.

/** Name and unit of each vital, as they stand beside a number, and the name as it is read aloud. */
export const VITALS = {
  bp: { name: "BP", unit: "mmHg", long: "Blood pressure" },
  systolic: { name: "Systolic", unit: "mmHg", long: "Systolic blood pressure" },
  diastolic: { name: "Diastolic", unit: "mmHg", long: "Diastolic blood pressure" },
  mean: { name: "Mean", unit: "mmHg", long: "Mean blood pressure" },
  heart_rate: { name: "HR", unit: "/min", long: "Heart rate" },
  respiratory_rate: { name: "RR", unit: "/min", long: "Respiratory rate" },
  spo2: { name: "SpO2", unit: "%", long: "Oxygen saturation" },
  temperature: { name: "Temp", unit: "°C", long: "Temperature" },
  etco2: { name: "EtCO2", unit: "mmHg", long: "End-tidal CO2" },
  sedation: { name: "Sed", unit: "of 5", long: "Sedation (MOAA/S)" },
};

/** `label` stands beside the box, `name` in a sentence; `more` fields are asked for only when wanted. */
export const FIELDS = [
  { vital: "systolic", label: "Systolic", name: "Systolic" },
  { vital: "diastolic", label: "Diastolic", name: "Diastolic" },
  { vital: "heart_rate", label: "Heart rate", name: "Heart rate" },
  { vital: "respiratory_rate", label: "Resp. rate", name: "Respiratory rate" },
  { vital: "spo2", label: "SpO₂", name: "SpO₂" },
  { vital: "temperature", label: "Temp.", name: "Temperature", more: true, decimal: true },
  { vital: "etco2", label: "EtCO₂", name: "EtCO₂", more: true },
];

export const FIELD = Object.fromEntries(FIELDS.map((field) => [field.vital, field]));

export const NAME = {
  ...Object.fromEntries(FIELDS.map(({ vital, name }) => [vital, name])),
  mean: "Mean pressure",
  sedation: "Sedation",
};

/** MOAA/S in words of our own; the number is stored, the words are chosen. */
export const SEDATION = [
  { value: 5, words: "Responds readily" },
  { value: 4, words: "Slow or sleepy response" },
  { value: 3, words: "Only to loud or repeated name" },
  { value: 2, words: "Only to gentle shaking" },
  { value: 1, words: "Only to a painful squeeze" },
  { value: 0, words: "No response" },
];

export const sedationWords = (value) => SEDATION.find((row) => row.value === Number(value))?.words ?? String(value);

export const NOT_MEASURED_REASONS = [
  "Patient declined",
  "Patient moving",
  "Sensor does not read",
  "No device free",
  "Patient asleep, not woken",
  "Not needed now",
];
