#include "people.hpp"

namespace chargebee_sandbox {
namespace {

constexpr Name kFirstEnUs[] = {{"James", "james"},     {"Mary", "mary"},
                               {"Tyler", "tyler"},     {"Ann-Marie", "annmarie"},
                               {"DeShawn", "deshawn"}, {"Null", "null"}};
constexpr Name kLastEnUs[] = {
    {"Smith", "smith"},        {"O'Brien", "obrien"}, {"Washington", "washington"},
    {"Van Buren", "vanburen"}, {"Null", "null"},      {"St. John", "stjohn"}};
constexpr Town kPlacesEnUs[] = {{"Springfield", "Illinois", "IL", "62704", "742 Evergreen Terrace"},
                                {"Boston", "Massachusetts", "MA", "02108", "1 Beacon St, Apt #4"},
                                {"San José", "California", "CA", "95112", "88 \"B\" Street"}};

constexpr Name kFirstEnGb[] = {{"Oliver", "oliver"}, {"Amelia", "amelia"}, {"Siân", "sian"},
                               {"Harry", "harry"},   {"Zoë", "zoe"},       {"Ffion", "ffion"}};
constexpr Name kLastEnGb[] = {{"Jones", "jones"},         {"Taylor-Smith", "taylorsmith"},
                              {"D'Arcy", "darcy"},        {"Brown", "brown"},
                              {"MacDonald", "macdonald"}, {"Llewellyn", "llewellyn"}};
constexpr Town kPlacesEnGb[] = {{"London", "England", "", "SW1A 1AA", "10 Downing Street"},
                                {"Llanfairpwllgwyngyll", "Wales", "", "LL61 5UJ", "Holyhead Road"}};

constexpr Name kFirstDeDe[] = {{"Jürgen", "juergen"}, {"Anja", "anja"},   {"Björn", "bjoern"},
                               {"Käthe", "kaethe"},   {"Lukas", "lukas"}, {"Sören", "soeren"}};
constexpr Name kLastDeDe[] = {{"Müller", "mueller"},
                              {"Weiß", "weiss"},
                              {"Größler", "groessler"},
                              {"Schmidt", "schmidt"},
                              {"von der Heide", "vonderheide"},
                              {"Yılmaz", "yilmaz"}};
constexpr Town kPlacesDeDe[] = {{"München", "Bayern", "BY", "80331", "Sendlinger Straße 8"},
                                {"Dresden", "Sachsen", "SN", "01067", "Ostra-Allee 2"},
                                {"Köln", "Nordrhein-Westfalen", "NW", "50667", "Domkloster 4"}};

constexpr Name kFirstFrFr[] = {{"François", "francois"}, {"Chloé", "chloe"},   {"Aïcha", "aicha"},
                               {"Jean-Luc", "jeanluc"},  {"Hélène", "helene"}, {"Loïc", "loic"}};
constexpr Name kLastFrFr[] = {{"Lefèvre", "lefevre"},
                              {"Dupont", "dupont"},
                              {"L'Hôpital", "lhopital"},
                              {"Çelik", "celik"},
                              {"de La Fontaine", "delafontaine"},
                              {"Benoît", "benoit"}};
constexpr Town kPlacesFrFr[] = {
    {"Paris", "Île-de-France", "", "75001", "12 rue de l'Échelle"},
    {"Bourg-en-Bresse", "Auvergne-Rhône-Alpes", "", "01000", "3 place Neuve"}};

constexpr Name kFirstFrCa[] = {
    {"Gaétan", "gaetan"}, {"Océane", "oceane"}, {"Mélodie", "melodie"}, {"Étienne", "etienne"}};
constexpr Name kLastFrCa[] = {
    {"Tremblay", "tremblay"}, {"Gagné", "gagne"}, {"Côté", "cote"}, {"Bélanger", "belanger"}};
constexpr Town kPlacesFrCa[] = {{"Montréal", "Québec", "QC", "H2Y 1C6", "275 rue Notre-Dame Est"},
                                {"Toronto", "Ontario", "ON", "M5V 2T6", "290 Bremner Blvd"}};

constexpr Name kFirstEsEs[] = {{"José", "jose"},
                               {"María José", "mariajose"},
                               {"Íñigo", "inigo"},
                               {"Lucía", "lucia"},
                               {"Ángel", "angel"}};
constexpr Name kLastEsEs[] = {{"García López", "garcialopez"},
                              {"Muñoz", "munoz"},
                              {"Núñez", "nunez"},
                              {"Fernández", "fernandez"},
                              {"Ibáñez y Soto", "ibanezysoto"}};
constexpr Town kPlacesEsEs[] = {
    {"A Coruña", "Galicia", "GA", "15001", "Calle Real, 1"},
    {"Ávila", "Castilla y León", "CL", "05001", "Plaza de la Catedral s/n"}};

constexpr Name kFirstPtBr[] = {
    {"João", "joao"}, {"Conceição", "conceicao"}, {"Thiago", "thiago"}, {"Antônia", "antonia"}};
constexpr Name kLastPtBr[] = {{"da Silva", "dasilva"},
                              {"Gonçalves", "goncalves"},
                              {"Araújo", "araujo"},
                              {"dos Santos", "dossantos"}};
constexpr Town kPlacesPtBr[] = {
    {"São Paulo", "São Paulo", "SP", "01310-100", "Av. Paulista, 1578"},
    {"Brasília", "Distrito Federal", "DF", "70150-900", "Praça dos Três Poderes"}};

constexpr Name kFirstPlPl[] = {
    {"Łukasz", "lukasz"}, {"Małgorzata", "malgorzata"}, {"Żaneta", "zaneta"}, {"Paweł", "pawel"}};
constexpr Name kLastPlPl[] = {{"Wiśniewski", "wisniewski"},
                              {"Dąbrowska", "dabrowska"},
                              {"Źrebiec", "zrebiec"},
                              {"Kowalczyk", "kowalczyk"}};
constexpr Town kPlacesPlPl[] = {{"Łódź", "Łódzkie", "", "90-001", "ul. Piotrkowska 104"},
                                {"Kraków", "Małopolskie", "", "31-005", "Rynek Główny 1"}};

constexpr Name kFirstTrTr[] = {
    {"İbrahim", "ibrahim"}, {"Ayşe", "ayse"}, {"Çağrı", "cagri"}, {"Işıl", "isil"}};
constexpr Name kLastTrTr[] = {
    {"Öztürk", "ozturk"}, {"Şahin", "sahin"}, {"Yıldız", "yildiz"}, {"Kılıç", "kilic"}};
constexpr Town kPlacesTrTr[] = {{"İstanbul", "İstanbul", "", "34122", "Divan Yolu Cd. 54"}};

constexpr Name kFirstJaJp[] = {
    {"太郎", "taro"}, {"花子", "hanako"}, {"さくら", "sakura"}, {"健一", "kenichi"}};
constexpr Name kLastJaJp[] = {
    {"山田", "yamada"}, {"佐藤", "sato"}, {"髙橋", "takahashi"}, {"渡邉", "watanabe"}};
constexpr Town kPlacesJaJp[] = {{"千代田区", "東京都", "13", "100-0001", "千代田1-1"},
                                {"札幌市", "北海道", "01", "060-0042", "大通西1丁目"}};

constexpr Name kFirstZhCn[] = {
    {"伟", "wei"}, {"芳", "fang"}, {"秀英", "xiuying"}, {"梓涵", "zihan"}};
constexpr Name kLastZhCn[] = {{"王", "wang"}, {"李", "li"}, {"欧阳", "ouyang"}, {"張", "zhang"}};
constexpr Town kPlacesZhCn[] = {{"北京市", "北京", "", "100006", "东长安街1号"}};

constexpr Name kFirstKoKr[] = {{"지훈", "jihoon"}, {"서연", "seoyeon"}, {"민준", "minjun"}};
constexpr Name kLastKoKr[] = {{"김", "kim"}, {"이", "lee"}, {"박", "park"}};
constexpr Town kPlacesKoKr[] = {{"서울특별시", "서울", "", "04524", "세종대로 110"}};

constexpr Name kFirstArEg[] = {{"محمد", "mohamed"}, {"فاطمة", "fatima"}, {"أحمد", "ahmed"}};
constexpr Name kLastArEg[] = {
    {"عبد الرحمن", "abdelrahman"}, {"السيد", "elsayed"}, {"حسن", "hassan"}};
constexpr Town kPlacesArEg[] = {{"القاهرة", "القاهرة", "", "11511", "شارع طلعت حرب"}};

constexpr Name kFirstHeIl[] = {{"דוד", "david"}, {"שרה", "sarah"}, {"נועה", "noa"}};
constexpr Name kLastHeIl[] = {{"כהן", "cohen"}, {"לוי", "levi"}, {"בן-דוד", "bendavid"}};
constexpr Town kPlacesHeIl[] = {{"תל אביב-יפו", "תל אביב", "", "6100000", "שדרות רוטשילד 16"}};

constexpr Name kFirstHiIn[] = {
    {"प्रिया", "priya"}, {"राहुल", "rahul"}, {"Lakshmi", "lakshmi"}, {"Arjun", "arjun"}};
constexpr Name kLastHiIn[] = {
    {"शर्मा", "sharma"}, {"Patel", "patel"}, {"Subramanian", "subramanian"}, {"Iyer", "iyer"}};
constexpr Town kPlacesHiIn[] = {{"Chennai", "Tamil Nadu", "TN", "600001", "1/7, Rajaji Salai"},
                                {"मुंबई", "महाराष्ट्र", "MH", "400001", "दादाभाई नौरोजी मार्ग"}};

constexpr Name kFirstUkUa[] = {{"Олена", "olena"}, {"Сергій", "serhii"}, {"Ганна", "hanna"}};
constexpr Name kLastUkUa[] = {
    {"Шевченко", "shevchenko"}, {"Кравчук", "kravchuk"}, {"Їжакевич", "yizhakevych"}};
constexpr Town kPlacesUkUa[] = {{"Київ", "Київ", "", "01001", "вул. Хрещатик, 22"}};

constexpr Name kFirstElGr[] = {{"Γιώργος", "giorgos"}, {"Ελένη", "eleni"}, {"Άννα", "anna"}};
constexpr Name kLastElGr[] = {
    {"Παπαδόπουλος", "papadopoulos"}, {"Νικολάου", "nikolaou"}, {"Οικονόμου", "oikonomou"}};
constexpr Town kPlacesElGr[] = {{"Αθήνα", "Αττική", "", "105 57", "Πλατεία Συντάγματος 1"}};

constexpr Name kFirstViVn[] = {
    {"Nguyễn Văn", "nguyenvan"}, {"Thị Hương", "thihuong"}, {"Đức", "duc"}};
constexpr Name kLastViVn[] = {{"Trần", "tran"}, {"Lê", "le"}, {"Phạm", "pham"}};
constexpr Town kPlacesViVn[] = {
    {"Thành phố Hồ Chí Minh", "Hồ Chí Minh", "", "700000", "135 Nam Kỳ Khởi Nghĩa"}};

constexpr Name kFirstSvSe[] = {{"Åsa", "asa"}, {"Örjan", "orjan"}, {"Linnéa", "linnea"}};
constexpr Name kLastSvSe[] = {
    {"Ångström", "angstrom"}, {"Öberg", "oberg"}, {"Lindqvist", "lindqvist"}};
constexpr Town kPlacesSvSe[] = {{"Malmö", "Skåne län", "", "211 19", "Stortorget 1"}};

constexpr Name kFirstEnAu[] = {{"Jack", "jack"}, {"Matilda", "matilda"}, {"Ned", "ned"}};
constexpr Name kLastEnAu[] = {{"Murphy", "murphy"}, {"Nguyen", "nguyen"}, {"McLeod", "mcleod"}};
constexpr Town kPlacesEnAu[] = {{"Darwin", "Northern Territory", "NT", "0800", "1 Esplanade"}};

constexpr Culture kCultures[] = {
    {"en-US", "US", "USD", "+1", kFirstEnUs, kLastEnUs, kPlacesEnUs},
    {"en-GB", "GB", "GBP", "+44", kFirstEnGb, kLastEnGb, kPlacesEnGb},
    {"de-DE", "DE", "EUR", "+49", kFirstDeDe, kLastDeDe, kPlacesDeDe},
    {"fr-FR", "FR", "EUR", "+33", kFirstFrFr, kLastFrFr, kPlacesFrFr},
    {"fr-CA", "CA", "CAD", "+1", kFirstFrCa, kLastFrCa, kPlacesFrCa},
    {"es-ES", "ES", "EUR", "+34", kFirstEsEs, kLastEsEs, kPlacesEsEs},
    {"pt-BR", "BR", "BRL", "+55", kFirstPtBr, kLastPtBr, kPlacesPtBr},
    {"pl-PL", "PL", "PLN", "+48", kFirstPlPl, kLastPlPl, kPlacesPlPl},
    {"tr-TR", "TR", "EUR", "+90", kFirstTrTr, kLastTrTr, kPlacesTrTr},
    {"ja-JP", "JP", "JPY", "+81", kFirstJaJp, kLastJaJp, kPlacesJaJp},
    {"zh-CN", "CN", "USD", "+86", kFirstZhCn, kLastZhCn, kPlacesZhCn},
    {"ko-KR", "KR", "USD", "+82", kFirstKoKr, kLastKoKr, kPlacesKoKr},
    {"ar-EG", "EG", "USD", "+20", kFirstArEg, kLastArEg, kPlacesArEg},
    {"he-IL", "IL", "USD", "+972", kFirstHeIl, kLastHeIl, kPlacesHeIl},
    {"hi-IN", "IN", "INR", "+91", kFirstHiIn, kLastHiIn, kPlacesHiIn},
    {"uk-UA", "UA", "EUR", "+380", kFirstUkUa, kLastUkUa, kPlacesUkUa},
    {"el-GR", "GR", "EUR", "+30", kFirstElGr, kLastElGr, kPlacesElGr},
    {"vi-VN", "VN", "USD", "+84", kFirstViVn, kLastViVn, kPlacesViVn},
    {"sv-SE", "SE", "EUR", "+46", kFirstSvSe, kLastSvSe, kPlacesSvSe},
    {"en-AU", "AU", "AUD", "+61", kFirstEnAu, kLastEnAu, kPlacesEnAu},
};

constexpr std::string_view kCompanies[] = {"Acme GmbH & Co. KG",
                                           "1&1",
                                           "007",
                                           "Umlaut Ölmühle AG",
                                           "<b>Bold</b> Ltd.",
                                           "Smith, Jones; Partners",
                                           "株式会社さくら",
                                           "ООО Ромашка",
                                           "Café \"Zum Löwen\"",
                                           "O'Reilly Auto",
                                           "=SUM(A1)",
                                           "Naïve Co.",
                                           "100% Pure",
                                           "null",
                                           "  Padded Pty  ",
                                           "Back\\slash Inc.",
                                           "Société Générale d'Essai",
                                           "Tab\tulated LLC",
                                           "Línea Uno\nLínea Dos",
                                           "Łódź Works 🚀"};

constexpr std::string_view kDomains[] = {"example.com",          "example.org",  "example.net",
                                         "mail.example",         "shop.example", "kunden.example",
                                         "sub.domain.example.co"};

}  // namespace

std::span<const Culture> cultures() {
  return kCultures;
}

std::span<const std::string_view> companies() {
  return kCompanies;
}

std::span<const std::string_view> mail_domains() {
  return kDomains;
}

}  // namespace chargebee_sandbox
